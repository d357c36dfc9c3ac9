#!/bin/sh
wait_for_database() {
	until nc -z "$DB_HOST" 5432; do sleep 1; done
}
wait_for_database
exec gunicorn app:app --bind 0.0.0.0:8000
