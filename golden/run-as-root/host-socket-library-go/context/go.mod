module example.com/watcher

go 1.23

require (
	github.com/docker/docker v27.0.0+incompatible
)

require github.com/moby/moby/client v0.1.0 // indirect
