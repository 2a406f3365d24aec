#!/bin/sh
# The session that users of the original five services know, as one script:
# log in, make a key, send a request with it, look at the dashboard.
#
#   ADMIN_PASSWORD=admin123 tollgate up &
#   ADMIN_PASSWORD=admin123 examples/original-session.sh
#
# Needs curl and sh. Stops with a non-zero exit code at the first answer that is not as it should be.
# Other addresses: GATEWAY_URL, BACKEND_URL, LIMITER_URL, ANALYTICS_URL, ADMIN_URL.
set -eu

GATEWAY_URL=${GATEWAY_URL:-http://127.0.0.1:3000}
BACKEND_URL=${BACKEND_URL:-http://127.0.0.1:3001}
LIMITER_URL=${LIMITER_URL:-http://127.0.0.1:3002}
ANALYTICS_URL=${ANALYTICS_URL:-http://127.0.0.1:3003}
ADMIN_URL=${ADMIN_URL:-http://127.0.0.1:3004}
USERNAME=${ADMIN_USERNAME:-admin}
PASSWORD=${ADMIN_PASSWORD:-admin123}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# call STATUS METHOD URL [curl options]: prints the body; fails unless the answer has that status.
call() {
  wanted=$1 method=$2 url=$3
  shift 3
  answer=$(curl -sS --max-time 10 -w '\n%{http_code}' -X "$method" "$url" "$@") || fail "$method $url: no answer"
  status=${answer##*
}
  body=${answer%
*}
  [ "$status" = "$wanted" ] || fail "$method $url: $status instead of $wanted: $body"
  printf '%s\n' "$body"
}

# text NAME, number NAME: the first member of that name in the JSON on standard input.
text() { sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p' | head -n 1; }
number() { sed -n 's/^.*"stats" *: *{//; s/.*"'"$1"'" *: *\([0-9.]*\).*/\1/p' | head -n 1; }

echo "1. All five services answer"
for url in "$GATEWAY_URL" "$BACKEND_URL" "$LIMITER_URL" "$ANALYTICS_URL" "$ADMIN_URL"; do
  call 200 GET "$url/healthz" >/dev/null
  echo "   $url"
done

echo "2. Log in as $USERNAME"
login=$(call 200 POST "$ADMIN_URL/api/admin/login" -H 'Content-Type: application/json' \
  -d '{"username":"'"$USERNAME"'","password":"'"$PASSWORD"'"}')
TOKEN=$(printf '%s' "$login" | text token)
[ -n "$TOKEN" ] || fail "the login's answer has no token"

echo "3. Make a key"
created=$(call 201 POST "$ADMIN_URL/api/admin/keys" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"name":"Original session","tier":"free","tokensPerWindow":100,"refillRate":10,"maxBurst":100}')
KEY=$(printf '%s' "$created" | text apiKey)
ID=$(printf '%s' "$created" | text id)
[ -n "$KEY" ] || fail "the answer has no apiKey: it is shown once, here"
echo "   key $ID"

# The dashboard of a moment ago, to see the request arrive in it.
requests_seen() {
  dashboard=$(call 200 GET "$ADMIN_URL/api/admin/monitoring/dashboard" -H "Authorization: Bearer $TOKEN")
  printf '%s' "$dashboard" | number totalRequests
}
before=$(requests_seen)

echo "4. Without a key the gateway refuses"
call 401 POST "$GATEWAY_URL/api/process/calculate" -H 'Content-Type: application/json' -d '{"value":42}' >/dev/null

echo "5. With the key it forwards"
result=$(call 200 POST "$GATEWAY_URL/api/process/calculate" -H "X-API-Key: $KEY" -H 'Content-Type: application/json' \
  -d '{"value":42}')
echo "   $result"
case $result in
*'"result":84'*) ;;
*) fail "the backend doubles 42; it answered $result" ;;
esac

echo "6. The dashboard shows both requests"
tries=0
until after=$(requests_seen) && [ "${after:-0}" -ge $((before + 2)) ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 20 ] || fail "two seconds later the dashboard counts $after requests; before, it counted $before"
  sleep 0.1
done
echo "   $before before, $after now"

echo "7. So does the key's own usage"
usage=$(call 200 GET "$ANALYTICS_URL/api/analytics/api-keys/$ID" -H "Authorization: Bearer $TOKEN")
[ "$(printf '%s' "$usage" | number allowedRequests)" = 1 ] || fail "the key was used once; usage says $usage"

echo "8. Delete the key; the gateway refuses it"
call 204 DELETE "$ADMIN_URL/api/admin/keys/$ID" -H "Authorization: Bearer $TOKEN" >/dev/null
call 401 GET "$GATEWAY_URL/api/data" -H "X-API-Key: $KEY" >/dev/null

echo "Everything is as it should be."
