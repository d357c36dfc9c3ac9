module example.org/metrics

go 1.23
