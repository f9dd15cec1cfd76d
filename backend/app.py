"""The web app: `python app.py [--reload]`, or `gunicorn app:app`."""

import sys

from batchgen.bootstrap import serve, web

app = web()

if __name__ == "__main__":
    serve(app, reload="--reload" in sys.argv[1:])
