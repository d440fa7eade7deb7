"""The files of an installation: user, folders, serial ports, the hardened unit, limits of logs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

USER = "gianh"
CONFIG_DIR, DATA_DIR = "/etc/gianh", "/var/lib/gianh"
CONFIG_FILE = f"{CONFIG_DIR}/gateway.toml"
UNIT = "gianh.service"
UNIT_FILE = f"/etc/systemd/system/{UNIT}"
WANTS = f"/etc/systemd/system/multi-user.target.wants/{UNIT}"

WATCHDOG_S = 60
"""systemd ends a gateway that made no progress for so long beyond the gateway's own patience."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is to be there; `target` makes it a link instead, `once` leaves one that is there alone."""

    path: str
    text: str = ""
    mode: int = 0o644
    target: str = ""
    once: bool = False


SYSUSERS = f"""\
# The gateway's user; dialout lets it use serial ports.
u {USER} - "Gianh gateway" {DATA_DIR}
m {USER} dialout
"""

TMPFILES = f"""\
# The gateway writes its configuration itself when a cabinet is commissioned or the centre sends another one.
d {CONFIG_DIR} 0770 root {USER}
z {CONFIG_FILE} 0660 {USER} {USER}
d {DATA_DIR} 0700 {USER} {USER}
"""

UDEV = """\
# Serial adapters by where they are plugged in: many have no serial number, and then two of a kind share one
# name under /dev/serial/by-id. /dev/gianh/PATH stays the same while the adapter stays in its socket.
SUBSYSTEM=="tty", KERNEL=="ttyUSB*|ttyACM*", GROUP="dialout", MODE="0660"
SUBSYSTEM=="tty", KERNEL=="ttyUSB*|ttyACM*", ENV{ID_PATH}=="?*", SYMLINK+="gianh/$env{ID_PATH}"
# FTDI adapters hold short answers back for 16 ms unless they are told not to.
ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"
"""

JOURNALD = """\
# Logs must not wear out the card, nor fill it. What must not be lost is in the gateway's own store.
[Journal]
SystemMaxUse=64M
RuntimeMaxUse=32M
MaxRetentionSec=1month
"""

HARDWARE_WATCHDOG = """\
# The board restarts when systemd itself hangs. The Pi's watchdog counts no further than about 15 s.
[Manager]
RuntimeWatchdogSec=14
RebootWatchdogSec=2min
"""


UNIT_TEXT = f"""\
[Unit]
Description=Gianh gateway
# Not network-online and not time-sync: lamps are switched without either.
After=time-set.target systemd-udev-settle.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=@PROGRAM@ run -c {CONFIG_FILE}
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory={DATA_DIR}
Restart=always
RestartSec=2
TimeoutStartSec=120
TimeoutStopSec=30
WatchdogSec={WATCHDOG_S}

User={USER}
Group={USER}
SupplementaryGroups=dialout
UMask=0077
StateDirectory=gianh
StateDirectoryMode=0700
ReadWritePaths={CONFIG_DIR}

# Ports above 1024 alone: no capability is needed.
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateMounts=yes
PrivateUsers=no
DevicePolicy=closed
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyAMA rw
DeviceAllow=char-ttyS rw
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

MemoryMax=512M
TasksMax=64
LimitCORE=0
LogRateLimitIntervalSec=30s
LogRateLimitBurst=500

[Install]
WantedBy=multi-user.target
"""


def unit(program: str) -> str:
    """The unit: it may use the network, serial ports and its two folders, and nothing else."""
    return UNIT_TEXT.replace("@PROGRAM@", program)


def files_of(program: str, config: str, hardware_watchdog: bool) -> Sequence[File]:
    """All files. `config` is the text of gateway.toml where there is none yet, empty to make none."""
    found = [
        File("/usr/lib/sysusers.d/gianh.conf", SYSUSERS),
        File("/usr/lib/tmpfiles.d/gianh.conf", TMPFILES),
        File("/etc/udev/rules.d/70-gianh-serial.rules", UDEV),
        File("/etc/systemd/journald.conf.d/50-gianh.conf", JOURNALD),
        File(UNIT_FILE, unit(program)),
        File(WANTS, target=f"../{UNIT}"),
    ]
    if hardware_watchdog:
        found.append(File("/etc/systemd/system.conf.d/50-gianh-watchdog.conf", HARDWARE_WATCHDOG))
    if config:
        found.append(File(CONFIG_FILE, config, 0o640, once=True))
    return found


ALL_FILES = tuple(one.path for one in files_of("", "", hardware_watchdog=True))
"""What `gianh uninstall` takes away; gateway.toml and the data stay."""
