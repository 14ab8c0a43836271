"""No test, kernel or worker reaches beyond this machine. The addresses here are reserved: they belong to no one."""

import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FAR = "192.0.2.1"
REACH = f"import socket; socket.create_connection(({FAR!r}, 80), timeout=1)"


def _reach():
    socket.create_connection((FAR, 80), timeout=1)


@pytest.mark.parametrize("host", [FAR, "8.8.8.8.example.org", "example.org", "2001:db8::1"])
def test_connecting_to_a_far_host_is_refused(host):
    with pytest.raises(RuntimeError, match="stay on this machine"):
        socket.create_connection((host, 80), timeout=1)


def test_asking_for_the_address_of_a_far_name_is_refused():
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.gethostbyname("example.org")


def test_a_packet_to_a_far_host_is_refused():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(RuntimeError, match=FAR):
        sender.sendto(b"x", (FAR, 9))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection((host, server.getsockname()[1])):
        pass


def test_a_socket_file_is_open(tmp_path):
    path = os.path.relpath(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)


def test_a_subprocess_is_guarded():
    done = subprocess.run([sys.executable, "-c", REACH], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"reached for '{FAR}': tests, kernels and workers stay on this machine" in done.stderr


def test_a_spawned_worker_is_guarded():
    with (
        multiprocessing.get_context("spawn").Pool(1) as pool,
        pytest.raises(RuntimeError, match="stay on this machine"),
    ):
        pool.apply(_reach)


def test_a_kernel_is_guarded():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(REACH)])
    with pytest.raises(CellExecutionError, match="stay on this machine"):
        NotebookClient(notebook, kernel_name="python3", timeout=60).execute()


def test_the_environments_own_sitecustomize_still_runs(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.own_was_run = True\n")
    paths = os.pathsep.join([str(Path(__file__).parent / "offline"), str(tmp_path)])
    command = [sys.executable, "-c", "import sys; print(sys.own_was_run)"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths}, timeout=60)
    assert done.stdout == "True\n", done.stderr
