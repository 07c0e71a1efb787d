import AsyncHTTPClient
import AuthorizationServer
import Catalogue
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Pages
import StrictJSON
import Synchronization
import Vocabulary

/// The sample application: it asks to see vehicles, takes a refusal well and offers to ask again, as the Smartcar
/// documentation recommends, and shows the odometer once it may.
struct DriveLog: HTTPResponder {
  typealias Context = BasicRequestContext

  let issuer: String
  let client: ClientID
  let secret: Secret
  let visits = Visits()

  /// What each browser got, by a cookie of the application's own. A class, since all connections share it.
  final class Visits: Sendable {
    struct Visit {
      /// What the answer must name; `nil` once it came, so that no code is sent twice (RFC 6749 §10.12).
      var state: String?
      /// The one that was answered: whoever opens that answer again goes to where it led.
      var answered: String?
      var token: Secret?
    }

    private let visits = Mutex<[String: Visit]>([:])

    subscript(id: String) -> Visit? {
      get { visits.withLock { $0[id] } }
      set {
        visits.withLock { visits in
          // A demo forgets everybody rather than growing for ever.
          if visits.count > 10_000 { visits = [:] }
          visits[id] = newValue
        }
      }
    }

    /// Whether this is the answer that is waited for; of two at once, one is.
    func take(_ state: String?, of id: String) -> Bool {
      visits.withLock { visits in
        guard let state, visits[id]?.state == state else { return false }
        visits[id]?.state = nil
        visits[id]?.answered = state
        return true
      }
    }

    func keep(_ token: Secret, of id: String) { visits.withLock { $0[id]?.token = token } }
  }

  private static let style = (try? PageStyle(name: "Drive log")) ?? .standard

  func respond(to request: Request, context: Context) async throws -> Response {
    let path = request.uri.path
    if path == Self.style.stylesheet.path {
      return response(200, SecurityHeaders.stylesheet, Array(Self.style.stylesheet.text.utf8))
    }
    let words = DriveLogWords(
      language: Language.chosen(uiLocales: nil, acceptLanguage: request.headers[.acceptLanguage]))
    switch path {
    case "/":
      guard visit(request).flatMap({ visits[$0]?.token }) == nil else { return await log(request, words) }
      return page(written("Drive log", words.start), words)
    case "/connect": return connect(request)
    case "/callback": return await callback(request, words)
    case "/log": return await log(request, words)
    default: return tell(.nothingHere, words, status: 404)
    }
  }

  /// A page of the application's own words; the renderer escapes them.
  private func written(_ title: String, _ markdown: String) -> DocumentationPage {
    DocumentationPage(
      title: title, body: .unescapedFromTrustedRenderer(MarkdownPage(title: title, markdown: markdown).content))
  }

  private func tell(_ story: DriveLogWords.Story, _ words: DriveLogWords, status: Int = 200) -> Response {
    let message = words.message(story)
    return page(
      MessagePage(
        heading: .written(message.heading), happened: .written(message.happened),
        next: message.next.map { .written($0) }, back: .link("/connect", label: message.again)), words, status: status)
  }

  private func connect(_ request: Request) -> Response {
    let visit = TraceID.random().description
    let state = TraceID.random().description
    visits[visit] = Visits.Visit(state: state)
    let query = Form.encode([
      ("response_type", "code"), ("client_id", client.value), ("redirect_uri", callbackAddress(request)),
      ("scope", "required:read_vehicle_info read_odometer"), ("state", state), ("approval_prompt", "force"),
    ])
    return redirect(
      "\(issuer)/smartcar/oauth/authorize?\(query)",
      cookie: "drive_log=\(visit); Path=/; HttpOnly; SameSite=Lax")
  }

  private func callbackAddress(_ request: Request) -> String { "http://\(request.head.authority ?? "")/callback" }

  private func callback(_ request: Request, _ words: DriveLogWords) async -> Response {
    let parameters = (request.uri.query.flatMap { try? Form(decoding: $0.utf8) }) ?? Form([])
    guard let id = visit(request), let state = parameters["state"] else { return tell(.notOurs, words) }
    let isFirst = visits.take(state, of: id)
    guard isFirst || visits[id]?.answered == state else { return tell(.notOurs, words) }
    if let error = parameters["error"] {
      return tell(DriveLogWords.story(error: error), words)
    }
    guard isFirst else { return redirect("/log", cookie: nil) }
    let body = Form.encode([
      ("grant_type", "authorization_code"), ("code", parameters["code"] ?? ""),
      ("redirect_uri", callbackAddress(request)),
    ])
    let credentials = Data("\(client.value):\(secret.reveal())".utf8).base64EncodedString()
    guard
      let answer = await call(
        .POST, "\(issuer)/smartcar/oauth/token", "Basic \(credentials)", body),
      let token = answer["access_token"]?.string
    else { return tell(.noToken, words) }
    visits.keep(Secret(token), of: id)
    return redirect("/log", cookie: nil)
  }

  private func log(_ request: Request, _ words: DriveLogWords) async -> Response {
    guard let id = visit(request), let token = visits[id]?.token else { return redirect("/", cookie: nil) }
    let bearer = "Bearer \(token.reveal())"
    let base = "\(issuer)/smartcar/v2.0/vehicles"
    guard let vehicles = await call(.GET, base, bearer, nil)?["vehicles"]?.array?.compactMap(\.string) else {
      return tell(.disconnected, words)
    }
    var lines: [String] = []
    for vehicle in vehicles {
      let about = await call(.GET, "\(base)/\(vehicle)", bearer, nil)
      let distance = await call(.GET, "\(base)/\(vehicle)/odometer", bearer, nil)?["distance"]
      let name = [about?["make"]?.string, about?["model"]?.string].compactMap(\.self).joined(separator: " ")
      lines.append(
        "\(name.isEmpty ? vehicle : name): \(distance.map { $0.text + " km" } ?? words.odometerMissing)")
    }
    let list = lines.map { "- **" + $0.filter { $0 != "*" } + "**" }.joined(separator: "\n")
    return page(written(words.logTitle, list + "\n\n" + words.connectAgain), words)
  }

  private func visit(_ request: Request) -> String? {
    for pair in (request.headers[.cookie] ?? "").split(separator: ";") {
      let trimmed = pair.drop { $0 == " " }
      if trimmed.hasPrefix("drive_log=") { return String(trimmed.dropFirst(10)) }
    }
    return nil
  }

  private func call(_ method: HTTPMethod, _ url: String, _ authorization: String, _ form: String?) async -> JSON? {
    var request = HTTPClientRequest(url: url)
    request.method = method
    request.headers.add(name: "Authorization", value: authorization)
    if let form {
      request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
      request.body = .bytes(ByteBuffer(string: form))
    }
    guard let answer = try? await HTTPClient.shared.execute(request, timeout: .seconds(10)), answer.status == .ok,
      let body = try? await answer.body.collect(upTo: 1 << 20)
    else { return nil }
    return try? JSON(parsing: Array(body.readableBytesView))
  }

  private func page(_ page: some Page, _ words: DriveLogWords, status: Int = 200) -> Response {
    let document = page.document(Self.style, words.language)
    return response(status, document.headers(), document.bytes)
  }

  /// Kept by nobody, and the next page does not hear where the person came from: a code may stand there (RFC 9700 §4.2.4).
  private func redirect(_ address: String, cookie: String?) -> Response {
    let headers = [("Location", address), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
    return response(303, headers + (cookie.map { [("Set-Cookie", $0)] } ?? []), [])
  }

  private func response(_ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8]) -> Response {
    var fields = HTTPFields()
    for (name, value) in headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    return Response(
      status: .init(code: status), headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}
