#!/bin/sh
# Install the Debian packages whose real servers and tools the tests use; as root or by sudo without a
# password, else name them and stop. Servers are neither started nor left to start at boot: the tests
# start their own, on loopback and with their own data.
set -eu
missing=
for pair in mosquitto:mosquitto mosquitto_sub:mosquitto-clients influxd:influxdb \
    victoria-metrics:victoria-metrics socat:socat sshd:openssh-server vsftpd:vsftpd snmpd:snmpd \
    radclient:freeradius-utils radsecproxy:radsecproxy chromium:chromium pdftoppm:poppler-utils \
    systemd-analyze:systemd; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
# Without a package for its database it cannot be configured; the tests make databases of their own.
PATH="$PATH:/usr/sbin:/sbin" command -v glewlwyd >/dev/null || missing="$missing glewlwyd dbconfig-sqlite3"
# Vietnamese has letters that not every font has; a browser without any draws boxes.
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing="$missing fonts-dejavu-core"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "The tests need$missing, and this system has no apt-get: install them by its own means." >&2
    exit 1
elif [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root=sudo
else
    echo "The tests need$missing: run 'sudo apt-get install$missing', then make again." >&2
    exit 1
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '$as_root rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
fi
echo "Installing$missing" >&2
log=$(mktemp)
# shellcheck disable=SC2086
if ! { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "apt-get could not install$missing: see above." >&2
    exit 1
fi
rm -f "$log"
for package in $missing; do
    [ "$package" != openssh-server ] || package=ssh
    $as_root rm -f /etc/systemd/system/*.wants/"$package.service"
done
