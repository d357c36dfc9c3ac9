from .models import engine

app = object()
