"""`serve`: serves the desk."""

from __future__ import annotations

import errno
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from tsunagu.errors import EngineError, StateError
from tsunagu_web.access.second_lock import require_held
from tsunagu_web.audit.heads import heads_state, is_on_this_disk
from tsunagu_web.guidance_centre.own_past import require_readable
from tsunagu_web.serving.timers import start_timers


class Command(BaseCommand):
    help = "Serves the desk: python -m tsunagu_web serve --port 8000"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--threads", type=int, default=8, help="pages at once in each process")
        parser.add_argument("--workers", type=int, default=1, help="processes; more than one needs PostgreSQL")

    def handle(self, *args: Any, port: int, host: str, threads: int, workers: int, **options: Any) -> None:
        if workers > 1 and connection.vendor != "postgresql":
            raise StateError(
                f"{workers} processes cannot write one SQLite file side by side without waiting for each other",
                where="serve --workers",
                to_do="Leave --workers away, or run the desk on PostgreSQL (TSUNAGU_DATABASE_URL).",
            )
        require_free(host, port)
        call_command("migrate", verbosity=0, interactive=False)
        if settings.ENVIRONMENT.second_lock == "on":
            require_held()
        if settings.ENVIRONMENT.guidance_centre:
            require_readable()
        self._say_where_heads_go()
        self.stdout.write(f"The desk answers at http://{host}:{port}/")
        self.stdout.flush()
        _serve(host, port, threads, workers)

    def _say_where_heads_go(self) -> None:
        state = heads_state()
        if not state.is_elsewhere:
            self.stderr.write(
                "Signed heads of the access log are kept in the desk's own folder. Set TSUNAGU_HEADS to a folder of "
                "another machine: only there are they out of reach of whoever owns this one."
            )
        elif is_on_this_disk():
            self.stderr.write("TSUNAGU_HEADS lies on the same disk as the desk: check that it is mounted.")
        if state.is_late:
            self.stderr.write(f"No signed head covers the access log since {state.unproved:%Y-%m-%d %H:%M} UTC.")
        if state.is_stopped:
            self.stderr.write("Exports have stopped until a head can be stored.")


def require_free(host: str, port: int) -> None:
    """StateError when another program already listens there, EngineError when the address is not ours."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise StateError(
                    f"port {port} is in use by another program",
                    where=f"{host}:{port}",
                    to_do=f"Stop that program, or choose another port: --port {port + 1}",
                ) from error
            raise EngineError(
                f"the desk cannot listen there ({type(error).__name__})",
                where=f"{host}:{port}",
                to_do="Choose a port from 1024 to 65535 and an address of this machine.",
            ) from error


def _start_threads(_worker: object) -> None:
    """After the fork, which a thread would not survive."""
    start_timers()


def _serve(host: str, port: int, threads: int, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Desk(BaseApplication):
        def load_config(self) -> None:
            for name, value in {
                "bind": f"{host}:{port}",
                "workers": workers,
                "worker_class": "gthread",
                "threads": threads,
                "timeout": 60,
                "loglevel": "warning",
                "accesslog": None,  # addresses of pages would tell who looked at whom, outside the log made for that
                "control_socket_disable": True,
                "post_worker_init": _start_threads,
            }.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from django.core.wsgi import get_wsgi_application

            return get_wsgi_application()

    Desk().run()
