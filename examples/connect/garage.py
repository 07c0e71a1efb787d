import json
from http.server import BaseHTTPRequestHandler, HTTPServer

CARS = [{"id": "blue", "title": "Blue hatchback", "subtitle": "2021"}, {"id": "van", "title": "Van", "subtitle": "2016"}]

class Garage(BaseHTTPRequestHandler):
    def do_GET(self):
        person = self.headers.get("X-Auth-Subject", "")
        if self.path == "/people/cars":
            self.answer(CARS)                       # of this person: a real API looks them up
        else:
            self.answer({"car": self.path.split("/")[2], "distance": 104.3, "person": person})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): pass

HTTPServer(("127.0.0.1", 9101), Garage).serve_forever()
