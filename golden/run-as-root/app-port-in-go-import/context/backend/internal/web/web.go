package web

import "github.com/gin-gonic/gin"

func Serve() {
	r := gin.Default()
	r.Run(":80")
}
