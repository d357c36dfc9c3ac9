package main

import (
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	port, _ := strconv.ParseUint(os.Getenv("PORT"), 10, 16)
	host := strings.TrimSuffix(os.Args[1], ":80")
	http.Get("http://" + host + ":80/")
	http.ListenAndServe(":8080", nil)
	_ = port
}
