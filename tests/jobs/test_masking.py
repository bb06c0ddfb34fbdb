"""What is taken for a secret, and what of it is recorded."""

from __future__ import annotations

import pytest

from mlxp_fn.jobs.masking import (
    is_secret,
    masked,
    masked_command,
    masked_override,
    masked_urls,
    without_credentials,
)


@pytest.mark.parametrize(
    "name",
    [
        *("API_KEY", "api-key", "apiKey", "OPENAI_APIKEY", "wandb.api_key", "AWS_SECRET_ACCESS_KEY", "SSH_KEY_2"),
        *("HF_TOKEN", "token", "github.accessToken", "AUTH_TOKENS", "API_KEY_OF_WANDB", "auth", "BASIC_AUTH"),
        *("password", "DB_PASSWORD", "PGPASSWORD", "db.userPassword", "smtp_passwd", "MYSQL_PWD", "passphrase"),
        *("client_secret", "Secret", "GOOGLE_APPLICATION_CREDENTIALS", "credential.name"),
    ],
)
def test_secrets_are_known_by_their_names(name):
    assert is_secret(name, "abcdefgh")


@pytest.mark.parametrize(
    "name",
    [
        *("monkey", "MONKEYS", "tokenizer", "tokenizer.name", "keyboard", "key_dim", "num_key_value_heads"),
        *("author", "authority", "token_length", "max_tokens", "PWD", "OLDPWD", "secretary", "keyring", "", "_"),
    ],
)
def test_words_that_only_look_like_secrets_are_none(name):
    assert not is_secret(name, "abcdefgh")


@pytest.mark.parametrize("value", ["4", "0.5", "-1", "1e-3", "true", "False", "null"])
def test_a_small_number_is_no_key_but_may_be_a_password(value):
    assert (is_secret("num_key", value), is_secret("password", value)) == (False, True)


def test_further_patterns_are_names_with_stars_in_any_case():
    assert masked("SENTRY_DSN", "x", ["*_dsn"]) == "***"
    assert masked("dsn.host", "x", ["*_dsn"]) == "x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pw@host/x", "https://***@host/x"),
        ("https://ghp_abcdefgh@github.com/a/b.git", "https://***@github.com/a/b.git"),
        ("postgresql+psycopg://me:p@ss@host:5432/db", "postgresql+psycopg://me:***@host:5432/db"),
        ("ssh://git@host/x", "ssh://git@host/x"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("https://host/x?page=2&api_key=abcdefgh&sig=abc#top", "https://host/x?page=2&api_key=***&sig=***#top"),
        ("[https://a:b@c/,https://d:e@f/]", "[https://***@c/,https://***@f/]"),
    ],
)
def test_credentials_in_urls_are_masked(text, shown):
    assert masked_urls(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lr=0.1", "lr=0.1"),
        ("++db.password=pw", "++db.password=***"),
        ("~api_key=abcdefgh", "~api_key=***"),
        ("~lr", "~lr"),
        ("token=abcdefgh,ijklmnop", "token=***"),
        ("db={host: h, auth: {token: abcdefgh}}", "db={host:h,auth:***}"),
        ("dbs=[{password: a},{password: 'b c'}]", "dbs=[{password:***},{password:***}]"),
        ("db={password: a},{password: b}", "db={password:***},{password:***}"),
        ("model={key_dim: 64,  name: monkey}", "model={key_dim: 64,  name: monkey}"),
        ("url='https://me:pw@host/x'", "url='https://***@host/x'"),
    ],
)
def test_overrides_are_masked(text, shown):
    assert masked_override(text) == shown


def test_the_arguments_of_a_command_are_masked():
    command = ["python", "-m", "main", "--auth-token", "abcdefgh", "--token=abcdefgh", "--seed", "1", "+x={"]

    assert masked_command(command) == [
        *("python", "-m", "main", "--auth-token", "***", "--token=***", "--seed", "1", "+x={"),
    ]


def test_a_flag_of_a_secret_without_a_value_hides_nothing_else():
    assert masked_command(["--password", "--verbose", "lr=0.1"]) == ["--password", "--verbose", "lr=0.1"]


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:pw@host/x.git", "https://host/x.git"),
        ("https://ghp_abcdefgh:x-oauth-basic@github.com/x", "https://github.com/x"),
        ("ssh://git:pw@host:22/x.git", "ssh://git@host:22/x.git"),
        ("/srv/x.git", "/srv/x.git"),
    ],
)
def test_a_remote_is_recorded_without_credentials(url, clean):
    assert without_credentials(url) == clean
