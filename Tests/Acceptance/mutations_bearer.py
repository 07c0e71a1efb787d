"""The header of an API call, broken: what stands where the token belongs."""

from mutations import Table, named
from wire import basic

TABLE = Table("bearer header")
add = TABLE.add
SYNTAX = "one token"


def parsed(actual, expected=SYNTAX):
    return named("credential.parsed", expected, actual)


def presented(actual, expected="bearer"):
    return named("credential.presented", expected, actual)


def header(name, text, *faults, contract="oauth", near=()):
    """`{token}` in the text is the contract's valid one."""
    add(
        f"{name} ({contract})",
        lambda w: w.api(contract, authorization=text.replace("{token}", w.token(contract))),
        *faults,
        near=near,
    )


header("no header", "", parsed("(absent)", "bearer"))
header("the scheme alone", "Bearer", parsed("", "token"), near="the token after it is missing")
header("the scheme and a space", "Bearer ", parsed("", "token"), near="the token after it is missing")
header("no scheme", "{token}", parsed("", ""), near="there is no scheme")
header("Baerer", "Baerer {token}", parsed("baerer", "bearer"), near="`Baerer` resembles `Bearer`")
header("Bearer:", "Bearer: {token}", parsed("not a scheme name", "bearer"), near="a sign follows the scheme")
header("Bearer=", "Bearer={token}", parsed("", ""), near="where a space belongs")
header("Bearer,", "Bearer, {token}", parsed("not a scheme name", "bearer"), near="a sign follows the scheme")
header("Beare", "Beare {token}", parsed("beare", "bearer"), near="resembles `Bearer`")
header("Token", "Token {token}", parsed("token", "bearer"))
header("JWT", "JWT {token}", parsed("jwt", "bearer"))
header("Basic with the token", "Basic {token}", parsed("basic", "bearer"), near="id and secret")
header("DPoP", "DPoP {token}", parsed("dpop", "bearer"), near="RFC 9449")
header("Bearer Bearer", "Bearer Bearer {token}", parsed("", ""), near="written twice")
header("bearer Bearer", "bearer Bearer {token}", parsed("", ""), near="written twice")
header("Bearer Authorization:", "Bearer Authorization: {token}", parsed("", ""), near="where one token belongs")
header("a tab for a space", "Bearer\t{token}", parsed("", ""), near="tab||U+9")
header("double quotes", 'Bearer "{token}"', parsed("", ""), near="quotation marks")
header("single quotes", "Bearer '{token}'", parsed("", ""), near="quotation marks")
header("angle brackets", "Bearer <{token}>", parsed("", ""), near="angle brackets||U+3C||`<`")
header("braces", "Bearer {{token}}", parsed("", ""), near="braces||U+7B||`{`")
header("a comma after it", "Bearer {token},", parsed("", ""), near="`,` follows")
header("a semicolon after it", "Bearer {token};", parsed("", ""), near="`;` follows")
header("a written newline", "Bearer {token}\\n", parsed("", ""), near="`\\n` follows")
header("a word after it", "Bearer {token} please", parsed("", ""), near="where one token belongs")
header("a space within", "Bearer {token} {token}", parsed("", ""), near="where one token belongs")
header("a letter outside ASCII", "Bearer {token}\u00e9", parsed("", ""), near="U+")
header("a no-break space", "Bearer\u00a0{token}", parsed("", ""), near="U+A0")
header("percent-encoded", "Bearer%20{token}", parsed("", ""), near="percent")
for word in ("undefined", "null", "None", "[object Object]", "NaN", "nil"):
    check = parsed if " " in word else lambda actual, expected: named("token.form", expected, actual)
    header(word, f"Bearer {word}", check("", ""), near=f"{word}||variable was never set")
for word in ("${TOKEN}", "{{token}}", "<token>", "$ACCESS_TOKEN", "YOUR_ACCESS_TOKEN", "%TOKEN%", "$(cat token)"):
    check = named("token.form", "", "") if word[0] in "Y" else parsed("", "")
    add(
        f"a template nobody filled in: {word}",
        lambda w, word=word: w.api(authorization=f"Bearer {word}"),
        check,
        near="template that nobody filled in||an example's text",
    )
header("masked", "Bearer ****************", parsed("", ""), near="masked")
header("masked with x", "Bearer xxxxxxxxxxxxxxxx", named("token.form", "", ""), near="masked")
header("an ellipsis", "Bearer eyJhbGciOiJFUzI1NiJ9...", named("token.form", "", ""), near="ellipsis")

add(
    "the header twice",
    lambda w: w.api(authorization=[f"Bearer {w.token()}", f"Bearer {w.token()}"]),
    parsed("authorization", "one"),
)
add(
    "two credentials in one header",
    lambda w: w.api(authorization=f"Bearer {w.token()}, Basic eDp5"),
    parsed("", ""),
    near="where one token belongs",
)
add(
    "a client's id and secret",
    lambda w: w.api(authorization=basic(w.client("machine")["client_id"], w.client("machine")["client_secret"])["Authorization"]),
    parsed("basic", "bearer"),
    near="id and secret",
)


def query(name, contract, path, *faults, authorization="", near=()):
    def send(w):
        url = path.replace("{token}", w.token(contract))
        return w.api(contract, authorization=authorization.replace("{token}", w.token(contract)), path=url)

    add(f"{name} ({contract})", send, *faults, near=near)


query("in the query", "oauth", "/notes?access_token={token}", parsed("query", "bearer"))
query("in the query as token", "oauth", "/notes?token={token}", parsed("(absent)", "bearer"), near="`token`")
query("in the query as api_key", "oauth", "/notes?api_key={token}", parsed("(absent)", "bearer"), near="`api_key`")
query("in the query, too", "oauth", "/notes?access_token={token}", parsed("query", "one"), authorization="Bearer {token}")
query("twice in the query", "shaid", "/maids/0/appid?access_token={token}&access_token={token}", parsed("", "one"))
query("misspelled in the query", "shaid", "/maids/0/appid?acces_token={token}", parsed("(absent)", "access_token"), near="access_token")
query("empty in the query", "shaid", "/maids/0/appid?access_token=", parsed("", ""))
query("in capitals in the query", "shaid", "/maids/0/appid?Access_Token={token}", parsed("(absent)", "access_token"), near="Access_Token")

for field in ("X-Forwarded-Authorization", "X-Authorization", "Proxy-Authorization", "X-API-Key", "X-Auth-Token", "X-Access-Token"):
    add(
        f"in {field}",
        lambda w, field=field: w.api(authorization="", headers=[(field, f"Bearer {w.token()}")]),
        parsed("(absent)", "bearer"),
        near=field,
    )
add(
    "in a cookie",
    lambda w: w.api(authorization="", headers=[("Cookie", f"access_token={w.token()}")]),
    parsed("(absent)", "bearer"),
    near="cookie",
)
header("Bearer where the token stands alone", "Token {token}", parsed("", ""), contract="shaid")
header("quoted", '"{token}"', parsed("", ""), contract="shaid", near="quotation marks")
header("undefined", "undefined", named("token.form", "opaque", "9 characters"), contract="shaid", near="undefined")
header("the scheme in small letters", "bearer {token}", parsed("bearer", "bearer"), contract="cyoda", near="these very letters")
header("no header", "", parsed("(absent)", "bearer"), contract="kordiam")
header("no header", "", parsed("(absent)", "access_token"), contract="shaid")
header("no header", "", parsed("(absent)", "bearer"), contract="smartcar-v2")
header("no header", "", parsed("(absent)", "bearer"), contract="smartcar-v3")
header("no scheme", "{token}", parsed("", ""), contract="smartcar-v2", near="there is no scheme")
header("undefined", "Bearer undefined", named("token.form", "uuid", ""), contract="smartcar-v2", near="undefined")
