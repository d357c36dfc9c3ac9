import os
from flask import Flask

app = Flask(__name__)
# port=80 was used in former times
app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 80)))
