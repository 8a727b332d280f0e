module example.com/go-host

go 1.19

require github.com/dop251/goja v0.0.0-20240822155948-fa6d1ed5e4b6
