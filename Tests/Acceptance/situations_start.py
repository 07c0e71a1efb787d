"""What stops a start: the configuration, a contract of one's own, the address."""

import socket

from command_line import doorward
from demo_server import REPOSITORY
from situations import situation


def checked(reason, text, contract=None):
    @situation(reason)
    def _(s):
        folder = s.place(reason)
        (folder / "doorward.yaml").write_text(text)
        if contract:
            source = (REPOSITORY / "Sources/Dialects/Contracts/oauth.yaml").read_text()
            assert contract[0] in source
            (folder / "mine.yaml").write_text(source.replace(*contract, 1))
        return doorward("serve", "--config", "doorward.yaml", "--data", "data", directory=folder)


API = "apis:\n  - name: notes\n    prefix: /api\n    upstream: http://127.0.0.1:1\n"
OWN = API + "    contract: mine.yaml\n    routes: [{match: GET /notes}]\n"
checked("configuration_syntax", "listen: [\n")
checked("configuration_key_unknown", "isuer: http://x\n")
checked("configuration_key_missing", "apis:\n  - name: notes\n    prefix: /api\n")
checked("configuration_value_invalid", API + "    timeout: soon\n    routes: [{match: GET /notes}]\n")
checked("configuration_route_conflict", API + "    routes: [{match: GET /notes}]\n" + API[6:].replace("notes", "other") + "    routes: [{match: GET /notes}]\n")
checked("contract_slot_unknown", OWN, ("{text}", "{tekst}"))
checked("contract_case_missing", OWN, ("CREDENTIALS_MISSING, ", ""))
checked("contract_case_repeated", OWN, ("CREDENTIALS_MISSING, ", "CREDENTIALS_MISSING, CREDENTIALS_MISSING, "))
checked("contract_status_invalid", OWN, ("status: authorization-dependent", "status: 200"))


@situation("configuration_unreadable")
def _(s):
    return doorward("serve", "--config", "nowhere.yaml", "--data", "data", directory=s.place("unreadable"))


@situation("listen_address_unusable")
def _(s):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        return doorward("serve", "--listen", address, "--data", "data", directory=s.place("listen"))
