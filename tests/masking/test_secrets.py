"""Secrets in names and in text: each form of a real secret is masked, other text is not."""

from __future__ import annotations

import time

import pytest

from eggd.masking.secrets import is_secret_name, public_line, without_secrets

NAMES = [
    *(
        "password",
        "Password",
        "DB_PASSWORD",
        "dbPassword",
        "db_pass",
        "redis.password",
        "PGPASSWORD2",
    ),
    *("access_token", "accessToken", "X-Auth-Token", "jwt", "JWT", "Authorization"),
    *("Proxy-Authorization", "apiKey", "api_key", "x-api-key", "APIKey", "apikey", "private_key"),
    *("tls_key", "ssl_key", "salt", "hash_salt", "pswd", "cred", "creds", "db_creds"),
    *("client-secret", "clientSecret", "SECRET_KEY", "aws_secret_access_key", "AccountKey"),
    *(
        "passphrase",
        "credentials",
        "smtp_auth",
        "requirepass",
        "MYSQL_PWD",
        "tokens",
        "signing_keys",
        "session_id",
        "sessionId",
    ),
]

HARMLESS_NAMES = [
    *(
        "token_url",
        "tokenUrl",
        "password_min_length",
        "passwordMinLength",
        "keys",
        "key",
        "keyboard",
    ),
    *(
        "bypass",
        "compass",
        "monkey",
        "tokenizer",
        "max_tokens",
        "public_key",
        "primary_key",
        "hotkey",
    ),
    *(
        "pass_through",
        "passenger",
        "author",
        "authorizations_url",
        "jwt_audience",
        "pwd_dir",
        "",
        "_",
    ),
    *("key_path", "salt_rounds", "tls_key_file", "private_dir", "http_port", "session", "user_id"),
    *("tls_cert", "tls_key_path", "private", "is_private", "cred_file", "basalt"),
    *("proxy_pass", "next_page_token", "secret_name", "cookie", "tokens_used", "9", "ключ"),
]

SECRETS = [
    # URLs
    ("redis://:{}@cache:6379/0", "hunter2"),
    ("cannot reach 'redis://:{}@h'", "PASSWORD"),
    ("postgres://me:{}@db/shop?sslmode=require", "hunter2"),
    ("postgres://me:{}@db/shop", "p@ss"),
    ("postgres://me:{}@db/shop", "p/w"),
    ("mongodb+srv://me:{}@a.example,b.example/x", "hunter2"),
    ("amqp://guest:{}@localhost//", "guest1"),
    ("https://{}@github.com/a.git", "ghp_0123456789abcdefABCDEF"),
    ("https://{}@h/", "0123456789abcdef"),
    ("https://{}@sentry.example/1", "Ab_0-9Ab_0-9Ab_0-9"),
    ("GET /cb?token={}&x=1", "abc123"),
    ("/cb?a=1&access_token={}", "abc123"),
    ("jdbc:mysql://h/db?user=x&password={}", "hunter2"),
    ("https://b.s3.amazonaws.com/k?X-Amz-Signature={}&x=1", "0123abcd"),
    ("https://hooks.slack.com/services/{}", "T0000/B0000/XyZ0123456789"),
    # connection strings
    ("Server=db;Database=x;User Id=sa;Password={};Encrypt=yes", "hunter two"),
    ("Server=db;Uid=sa;Pwd={}", "hunter2"),
    ("host=db user=me password={} dbname=shop", "hunter2"),
    ("host=db password='{}' dbname=shop", "hunter two"),
    ("DefaultEndpointsProtocol=https;AccountKey={};EndpointSuffix=x", "aGVsbG8+/w=="),
    ("Endpoint=sb://x/;SharedAccessKey={}", "aGVsbG8+/w=="),
    # header fields
    ("Authorization: Bearer {}", "abc.def-123"),
    ("authorization: Basic {}", "dXNlcjpwYXNz"),
    ("{{'Authorization': '{}'}}", "Bearer abcdef"),
    ("Authorization: {}", 'Digest username="me", response="6629fae4"'),
    ("sent Bearer {} to x", "mF_9.B5f-4.1JqM"),
    ("Cookie: {}", "sid=abc; theme=dark"),
    ("Set-Cookie: {}", "sid=abc; Path=/"),
    ("Cookie: {}", "0123abcd"),
    ("Cookie: {}", "unknown; sid=abc"),
    ("Cookie: {}", "two words; sid=abc"),
    ("raise ValueError('cookie: {}', 5)", "sid=abc; theme=dark"),
    ("['x: y', 'Set-Cookie: {}']", "sid=abc; Path=/"),
    ("'Cookie: {}", "sid='a'; theme=dark"),
    ("X-Api-Key: {}", "abc123"),
    # tokens by their shape
    ("found {} here", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("found {} here", "ghp_" + "0123456789abcdefABCDEF0123456789abcd"),
    ("found {} here", "github_pat_" + "11ABCDEFG0123456789_abcdefghijkl"),
    ("found {} here", "glpat-" + "abcdefghij0123456789"),
    ("found {} here", "xoxb-" + "123456789012-abcdefghijkl"),
    ("found {} here", "sk_live_" + "0123456789abcdefghijklmn"),
    ("found {} here", "AIza" + "SyA0123456789abcdefghijklmnopqrstuv"),
    ("found {} here", "sk-" + "proj-0123456789abcdefghij"),
    ("found {} here", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
    ("key:\n{}\nend", "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----"),
    ("key: {} end", "-----BEGIN PRIVATE KEY----- MIIabc -----END PRIVATE KEY-----"),
    ("key: {}", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA"),
    # command lines
    ("mysql --password {} --host x", "hunter2"),
    ("mysql --password={} --host x", "swordfish"),
    ("['mysql', '--password', '{}', '-h', 'x']", "hunter2"),
    ("run --api-key {}", "abc123"),
    ("mysql -uroot -p{} shop", "hunter2"),
    ("/usr/bin/mysqldump -h db -p'{}' shop", "hunter two"),
    ("['mysqldump', '-uroot', '-p{}', 'shop']", "hunter2"),
    ("mariadb-dump -p{} | gzip", "h%nt-r2"),
    ("sshpass -p{} ssh host", "hunter2"),
    ("mysql -u root -p{}", "12345"),
    # mappings, assignments and calls
    ("{{'user': 'me', 'password': '{}'}}", "hunter2"),
    ('{{"password": "{}", "x": 1}}', r"hunt\"er2"),
    (r'"{{\"password\": \"{}\", \"a\": 1}}"', "hunter2"),
    ('{{"password": {}, "x": 1}}', "123"),
    ("{{b'token': b'{}'}}", "hunter2"),
    ("Config(user='me', db_pass='{}', n=1)", "x"),
    ("connect(password={}, x=1)", "p@$$w0rd"),
    ("password={}", "a(b)c!d"),
    ("DB_PASSWORD={}", "hunter2"),
    ("DB_PASSWORD={} env", "a&b;c|d"),
    ("password = {}", "swordfish"),
    ("password: {}", "swordfish"),
    ("apiKey: '{}'", "abc"),
    ("client_secret=>{}", "abc"),
    ("access denied with password '{}'", "hunter2"),
]

HARMLESS = [
    *("must be 'ctoken', 'referer', 'all', or 'any', not 5", "one of 'token', 'key' or 'none'"),
    "cookie 'csrfToken' cannot be set: same_site must be '', 'lax', or 'none', not 'laxx'",
    *('headers={"Cookie": ...}', 'headers={"Authorization": ...}'),
    *("password: must be a string, not 5", "token: expired", "redis.password: unknown key"),
    *("app.py:3: jwt: unknown key (did you mean 'jwt_key'?)", "use --password to set it"),
    *("a.py:1: cookie: unknown key (did you mean 'cookies'?)", "set-cookie: is never read"),
    *("cookie: must be a mapping, not 5", "cookie: nothing reads this key (set a=1)"),
    *("authorization: unknown key (did you mean 'x'?)", "authorization: nothing reads this key"),
    *("password: cannot be a key of the root", "api_key: contains itself and cannot be merged"),
    *("--password PASSWORD  the password", "password authentication failed for user 'me'"),
    *("(using password: YES)", "password=None", "password=${DB_PASSWORD}", "password=%(password)s"),
    *("password=***", "redis://:***@h", "password: <String len: 5>", "Authorization: Bearer ***"),
    *("def f(password: str, token: str = ''):", "Unexpected token '<' in JSON", "pass: 5, fail: 3"),
    *("token_url: https://x/token", "password_min_length: 8", "keys: 5", "max_tokens=4096"),
    *("bypass=on compass=north monkey=yes", "tokenizer: bpe", "the monkey passed the compass"),
    *("Bearer authentication failed", "Basic authentication is required", "http://h:8080/a@b"),
    *(
        "git@github.com:a/b.git",
        "nginx:1.2@sha256:abcdef",
        "sqlite:////srv/a/b.db",
        "me@example.com",
        "ssh://deploy@host/a.git",
        "https://fifteen-letters@h/",
    ),
    *("https://o0.ingest.example/1", "passwords must have 8 letters", "12:30:15 key=value", ""),
    "it is not a key (-----BEGIN PRIVATE KEY-----)",
    *("mysql -p shop", "mysql -P3306 -h db", "mysql -uroot -p", "['mysql', '-p', 'shop']"),
    *("run 'mysql -p' or 'mariadb -p' by hand", "mkdir -pv a; ssh -p2222 h", "mysql -p$PW -u me"),
    *("mysql | grep -port", "mysql failed: see docker run -p8080"),
    *("docker run --name mysql -p3306:3306 mysql:8", "the mysql client: -print it"),
    "-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----",
]

LONG = [
    *(
        "://a:",
        "password=",
        "eyJaaaaaa-",
        "eyJaaaaaa.",
        "-----BEGIN PRIVATE KEY-----",
        "a.",
        "a:b:",
    ),
    *("password='", 'password=\\"', "--password ", "Password=a a;", "password = ", "@", "sk-", "x"),
    *(
        "Basic ",
        "\\",
        "'",
        "Cookie:",
        "Cookie: a b ",
        "'Cookie: a",
        "password=${",
        "password=<",
        "password=a&",
        "password=%(a",
    ),
    *("token '", "-", "a-", " ", "a b;", "mysql ", "mysql -p", "mysql -p' ", "-p"),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_last_word_of_a_name_makes_it_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_other_names_are_not_secret(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(("form", "secret"), SECRETS)
def test_a_secret_in_a_text_is_masked_and_the_rest_stays(form: str, secret: str) -> None:
    shown = without_secrets(form.format(secret))
    assert shown == form.format("***")
    assert without_secrets(shown) == shown


@pytest.mark.parametrize("name", NAMES)
def test_a_text_with_any_secret_name_is_searched(name: str) -> None:
    assert without_secrets(f"x {name}=hunter2") == f"x {name}=***"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays(text: str) -> None:
    assert without_secrets(text) == text


def test_a_public_line_has_neither_secrets_nor_control_characters() -> None:
    text = "no\nCookie: sid=abc\nfor \x1b[31mDb_Password=hunter2;x"
    assert public_line(text) == "no Cookie: *** for \\x1b[31mDb_Password=***"


@pytest.mark.parametrize("piece", LONG)
def test_time_is_linear_in_the_length_of_the_text(piece: str) -> None:
    """Takes at most 0.2 s of CPU time; a quadratic pattern would take an hour."""
    text = piece * (200_000 // len(piece))
    began = time.process_time()
    without_secrets(text)
    assert time.process_time() - began < 10
