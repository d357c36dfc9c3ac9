#!/bin/bash
su www-data -s /bin/sh -c "python worker.py" &
exec gunicorn -b 0.0.0.0:8000 app:app
