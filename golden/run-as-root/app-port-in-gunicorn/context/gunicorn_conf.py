import os

port = os.getenv("PORT", "80")
bind = "0.0.0.0:" + port
