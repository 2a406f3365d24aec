# shellcheck shell=bash
# For sourcing. is_serving DIR: true when the gateway that DIR/endpoints.json names answers its health check.
# Starts no process, so that it can be asked every millisecond.
is_serving() {
  local file=$1/endpoints.json text status socket
  [[ -s $file ]] || return 1
  text=$(<"$file")
  [[ $text =~ \"gateway\":[[:space:]]*\"http://([^:\"]+):([0-9]+) ]] || return 1
  {
    exec {socket}<>"/dev/tcp/${BASH_REMATCH[1]}/${BASH_REMATCH[2]}" || return 1
    printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&"$socket"
    IFS= read -r -t 2 status <&"$socket" || status=''
    exec {socket}>&-
  } 2>/dev/null
  [[ $status == 'HTTP/1.1 200'* ]]
}
