#!/usr/bin/env bash
# Requests models with bash alone: NATS has a text protocol. For nats://host:port, without an account. usage: request.sh '{"productId": 0}'
set -euo pipefail
body=$1
address=${NATS_URL#nats://}
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
read -r -u 3 info # INFO {...}
printf 'CONNECT {"verbose":false}\r\nPUB factory.retrain.requested %d\r\n%s\r\nPING\r\n' "$(printf %s "$body" | wc -c)" "$body" >&3
read -r -u 3 answer # the server has taken everything before PING once it says PONG
[[ $answer == PONG* ]] || { echo "NATS says: $answer" >&2; exit 1; }
echo "asked: $body"
