"""The same on PostgreSQL: three nodes, each behind a connection of its own that can be cut and slowed down."""

import secrets
import socket
import subprocess
import threading
import time
from pathlib import Path

from demo_server import free_port
from fault_cluster import Cluster
from fault_history import History
from fault_injector import Injector, fill_up
from postgresql_server import PostgreSQL


class Wire:
    """A connection to the database that somebody may cut or delay: a TCP proxy."""

    def __init__(self, target: int):
        self.target, self.port = target, free_port()
        self.delay = 0.0
        self.is_cut = False
        self.pairs: set[socket.socket] = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self.lock:
                self.pairs |= {client, server}
            threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()
            # Only answers are slow: what was asked is done at once, and heard of late.
            threading.Thread(target=self.pump, args=(server, client, True), daemon=True).start()

    def pump(self, source: socket.socket, sink: socket.socket, is_answer: bool):
        try:
            while piece := source.recv(65536):
                if is_answer and self.delay:
                    time.sleep(self.delay)
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with self.lock:
            self.pairs -= {source, sink}
        source.close()

    def cut(self):
        """All connections break, and no new one can be made."""
        self.is_cut = True
        with self.lock:
            ends = list(self.pairs)
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def mend(self):
        self.is_cut = False

    def close(self):
        self.listener.close()
        self.cut()


class PostgreSQLCluster(Cluster):
    """Each node has a folder of its own, one key file, and a wire of its own to the database."""

    # A node that has not heard of a key asks for it.
    publish_before = 0

    def __init__(self, directory: Path, nodes: int, server: PostgreSQL):
        super().__init__(directory, nodes)
        self.key = directory / "key"
        self.key.write_text(secrets.token_hex(32))
        self.key.chmod(0o600)
        self.server = server
        self.wires = [Wire(server.port) for _ in range(nodes)]

    def storage_of(self, index):
        database = f"postgresql://postgres@127.0.0.1:{self.wires[index].port}/doorward"
        return ["--data", str(self.directory / f"data-{index}"), "--database", database]

    def serving(self):
        return ["--key-file", str(self.key)]


class PostgreSQLInjector(Injector):
    def __init__(self, cluster: PostgreSQLCluster, history: History, seed: int, disk: Path | None):
        super().__init__(cluster, history, seed)
        self.disk = disk
        self.server = cluster.server

    def kinds(self):
        return super().kinds() + [
            self.restart_database, self.kill_database, self.freeze_database, self.make_read_only, self.end_connections,
            self.cut_connections, self.delay_answers,
        ] + ([self.fill] if self.disk else [])

    def settle(self):
        """Ready again everywhere, as far as the database goes."""
        for node in self.cluster.nodes:
            node.wait_until_ready()

    def restart_database(self):
        self.server.order("stop")
        time.sleep(self.dice.random())
        self.server.order("start")
        self.settle()

    def kill_database(self):
        self.server.order("kill")
        time.sleep(self.dice.random())
        self.server.order("start")
        self.settle()

    def freeze_database(self):
        self.server.order("freeze")
        time.sleep(0.3 + 2 * self.dice.random())
        self.server.order("thaw")
        self.settle()

    def make_read_only(self):
        self.server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        self.server.sql("SELECT pg_reload_conf()")
        try:
            time.sleep(0.5 + 2 * self.dice.random())
        finally:
            self.server.sql("ALTER SYSTEM RESET default_transaction_read_only")
            self.server.sql("SELECT pg_reload_conf()")
        self.settle()

    def end_connections(self):
        self.server.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'doorward'"
        )
        self.settle()

    def cut_connections(self):
        wire = self.dice.choice(self.cluster.wires)
        wire.cut()
        time.sleep(0.3 + 2 * self.dice.random())
        wire.mend()
        self.settle()
        return self.cluster.wires.index(wire)

    def delay_answers(self):
        wire = self.dice.choice(self.cluster.wires)
        wire.delay = 0.05 + self.dice.random() / 2
        time.sleep(1 + 2 * self.dice.random())
        wire.delay = 0.0
        self.settle()
        return self.cluster.wires.index(wire)

    def fill(self):
        fill_up(self.disk, 0.5 + 2 * self.dice.random())
        # A server whose log is full falls, and recovers by itself once there is room.
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.server.sql("SELECT 1")
                break
            except subprocess.CalledProcessError:
                time.sleep(0.2)
        else:
            self.server.order("start")
        self.settle()
