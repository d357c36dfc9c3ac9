db = sqlite3.connect("/data/shop.db")
