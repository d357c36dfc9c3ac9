import sqlite3
import logging

sqlite3.connect("/data/shop.db")
sqlite3.connect("/app/state/jobs.sqlite3")
logging.basicConfig(filename="/tmp/shop.log")
open("relative.log", "a")
