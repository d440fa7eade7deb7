"""Receivers of files for tests: OpenSSH's sshd with its own sftp, and vsftpd with TLS, as Debian has them."""

import contextlib
import getpass
import os
import shutil
import subprocess
from pathlib import Path

import psutil

from tests.servers import Server, certificate, free_port, need


def key_pair(folder: Path, name: str) -> Path:
    """A private key without a passphrase, beside its public one."""
    path = folder / name
    command = [need("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


class _Forking(Server):
    """A server that makes a process for each connection: all of them end with it."""

    def kill(self) -> None:
        self._with_children()
        super().kill()

    def stop(self) -> None:
        self._with_children()
        super().stop()

    def _with_children(self) -> None:
        if self.process is not None and self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()


class Sshd(_Forking):
    """sshd for the user who runs the tests: `key` lets them in, no password does; paths are the machine's."""

    def __init__(self, folder: Path, sftp_options: str = "") -> None:
        port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.user = getpass.getuser()
        self.key, host_key = key_pair(folder, "user"), key_pair(folder, "host")
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text(f"[127.0.0.1]:{port} {host_key.with_suffix('.pub').read_text()}")
        self.files = folder / "received"
        self.files.mkdir()
        config = folder / "sshd_config"
        config.write_text(
            f"""ListenAddress 127.0.0.1:{port}
HostKey {host_key}
AuthorizedKeysFile {self.key}.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxStartups 100
Subsystem sftp internal-sftp {sftp_options}
"""
        )
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd asks for it, and only root may make it
        program = need("sshd", "openssh-server")
        super().__init__([program, "-D", "-e", "-f", str(config)], folder / "sshd.log", port)


class Vsftpd(_Forking):
    """vsftpd for anonymous users, who may write, over TLS only; `lines` are added to its configuration."""

    def __init__(self, folder: Path, lines: str = "") -> None:
        port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.ca, key = certificate(folder, "ftps")
        self.files = folder / "received"
        (self.files / "in").mkdir(parents=True)
        if os.getuid() == 0:
            shutil.chown(self.files / "in", "ftp")  # started by root it serves as the user of its package
        base = {
            "listen": "YES",
            "listen_address": "127.0.0.1",
            "listen_port": port,
            "background": "NO",
            "anonymous_enable": "YES",
            "no_anon_password": "NO",
            "anon_root": self.files,
            "write_enable": "YES",
            "anon_upload_enable": "YES",
            "anon_mkdir_write_enable": "YES",
            "anon_other_write_enable": "YES",
            "anon_umask": "022",
            "seccomp_sandbox": "NO",
            "isolate": "NO",
            "isolate_network": "NO",
            "allow_writeable_chroot": "YES",
            "ssl_enable": "YES",
            "allow_anon_ssl": "YES",
            "force_anon_data_ssl": "YES",
            "force_anon_logins_ssl": "YES",
            "rsa_cert_file": self.ca,
            "rsa_private_key_file": key,
            "run_as_launching_user": "NO" if os.getuid() == 0 else "YES",
            "log_ftp_protocol": "YES",
            "vsftpd_log_file": folder / "protocol.log",
        }
        config = folder / "vsftpd.conf"
        config.write_text("".join(f"{name}={value}\n" for name, value in base.items()) + lines)
        config.chmod(0o600)
        super().__init__([need("vsftpd", "vsftpd"), str(config)], folder / "vsftpd.log", port)
