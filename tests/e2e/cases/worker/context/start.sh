python3 beat.py 2>/dev/null &
exec python3 main.py
