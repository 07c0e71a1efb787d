"""The form reader of pages.py, tried on fixed HTML: a fault there must not look like one of the server's."""

from pages import Page

HTML = """<!doctype html><html lang="en"><head><title>Allow &amp; go</title></head><body><main>
<h1>Allow &amp;
 go</h1><form method="post" action="/consent?x=1&amp;y=2"><input type="hidden" name="csrf" value="a&quot;b">
<label for="u">Email</label><input id="u" name="login" type="email">
<label>Password <input name="pw" type="password"></label>
<label><input type="checkbox" name="scope" value="read_odometer" checked> Read <b>odometer</b></label>
<label><input type="checkbox" name="scope" value="read_vin" checked disabled> VIN</label>
<input type="checkbox" id="c" name="resource"><label for="c">Car</label>
<select name="lang"><option value="de">D<option value="en" selected>E</select><textarea name="t">x y</textarea>
<button name="answer" value="allow">Allow <i>access</i></button>
<button name="answer" value="deny">Deny access</button><input type="submit" name="s" value="Back to application">
</form><form><button type="button">No</button></form><a href="/x">Help</a></main></body></html>"""


def test_a_page_is_read_as_a_browser_would():
    page = Page(HTML)
    assert (page.lang, page.title, page.headings) == ("en", "Allow & go", ["Allow & go"])
    assert page.links == [("Help", "/x")]
    form = page.form_with("Deny access")
    assert (form.method, form.action) == ("post", "/consent?x=1&y=2")
    captions = [b.caption for b in form.buttons()]
    assert captions == ["Allow access", "Deny access", "Back to application"]
    assert form.labelled("Username", "Email").name == "login"
    assert form.labelled("Password").name == "pw"
    assert [b.caption for b in form.ticks("scope")] == ["Read odometer", "VIN"]
    assert [b.caption for b in form.ticks("resource")] == ["Car"]


def test_only_what_a_browser_sends_is_sent():
    form = Page(HTML).form_with("Deny access")
    form.ticks("resource")[0].ticked = True
    assert form.sent(form.button("Deny access")) == [
        ("csrf", 'a"b'),
        ("login", ""),
        ("pw", ""),
        ("scope", "read_odometer"),
        ("resource", "on"),
        ("lang", "en"),
        ("t", "x y"),
        ("answer", "deny"),
    ]
    assert Page(HTML).forms[1].buttons() == []
