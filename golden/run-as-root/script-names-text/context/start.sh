#!/bin/sh
python -c "print(1)"
exec gunicorn -b :5000 shop:app
