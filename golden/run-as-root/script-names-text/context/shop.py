import os
import sqlite3

here = os.path.dirname(os.path.abspath(__file__))
orders = sqlite3.connect(os.path.join(here, "orders.db"))
