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
      var state: String
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
  }

  private static let style = (try? PageStyle(name: "Drive log")) ?? .standard

  func respond(to request: Request, context: Context) async throws -> Response {
    let path = request.uri.path
    if path == Self.style.stylesheet.path {
      return response(200, SecurityHeaders.stylesheet, Array(Self.style.stylesheet.text.utf8))
    }
    switch path {
    case "/": return visit(request).flatMap { visits[$0]?.token } == nil ? page(start) : await log(request)
    case "/connect": return connect(request)
    case "/callback": return await callback(request)
    case "/log": return await log(request)
    default: return page(message("There is nothing here", "The address is not one of Drive log's.", again: "Back"))
    }
  }

  private var start: DocumentationPage {
    written(
      "Drive log",
      """
      Drive log writes down how far your car has been driven, so that you do not have to.

      [Connect your car](/connect): you choose which, and you can take it back at any time.
      """)
  }

  /// A page of the application's own words; the renderer escapes them.
  private func written(_ title: String, _ markdown: String) -> DocumentationPage {
    DocumentationPage(
      title: title, body: .unescapedFromTrustedRenderer(MarkdownPage(title: title, markdown: markdown).content))
  }

  private func message(_ heading: String, _ happened: String, next: String? = nil, again: String) -> MessagePage {
    MessagePage(
      heading: .written(heading), happened: .written(happened), next: next.map { .written($0) },
      back: .link("/connect", label: again))
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

  private func callback(_ request: Request) async -> Response {
    let parameters = (request.uri.query.flatMap { try? Form(decoding: $0.utf8) }) ?? Form([])
    guard let id = visit(request), var visit = visits[id], parameters["state"] == visit.state else {
      return page(
        message("That was not us", "The answer does not belong to a question of yours.", again: "Start again"))
    }
    if let error = parameters["error"] {
      let isDenial = error == "access_denied"
      return page(
        message(
          isDenial ? "You chose not to share your car" : "Your car could not be connected",
          parameters["error_description"] ?? error,
          next:
            "Without it, Drive log cannot read the odometer for you. Nothing was shared. You can try again, or go on without.",
          again: "Try again"))
    }
    let body = Form.encode([
      ("grant_type", "authorization_code"), ("code", parameters["code"] ?? ""),
      ("redirect_uri", callbackAddress(request)),
    ])
    let credentials = Data("\(client.value):\(secret.reveal())".utf8).base64EncodedString()
    guard
      let answer = await call(
        .POST, "\(issuer)/smartcar/oauth/token", "Basic \(credentials)", body),
      let token = answer["access_token"]?.string
    else { return page(message("No token came", "The code could not be exchanged.", again: "Try again")) }
    visit.token = Secret(token)
    visits[id] = visit
    return redirect("/log", cookie: nil)
  }

  private func log(_ request: Request) async -> Response {
    guard let id = visit(request), let token = visits[id]?.token else { return redirect("/", cookie: nil) }
    let bearer = "Bearer \(token.reveal())"
    let base = "\(issuer)/smartcar/v2.0/vehicles"
    guard let vehicles = await call(.GET, base, bearer, nil)?["vehicles"]?.array?.compactMap(\.string) else {
      return page(
        message(
          "Your car is no longer connected", "The API does not let Drive log in any more.",
          next: "Connect it again if you want to go on.", again: "Connect your car"))
    }
    var lines: [String] = []
    for vehicle in vehicles {
      let about = await call(.GET, "\(base)/\(vehicle)", bearer, nil)
      let distance = await call(.GET, "\(base)/\(vehicle)/odometer", bearer, nil)?["distance"]
      let name = [about?["make"]?.string, about?["model"]?.string].compactMap(\.self).joined(separator: " ")
      lines.append(
        "\(name.isEmpty ? vehicle : name): \(distance.map { $0.text + " km" } ?? "the odometer is not shared")")
    }
    return page(
      written(
        "Your drive log",
        lines.map { "- **" + $0.filter { $0 != "*" } + "**" }.joined(separator: "\n")
          + "\n\n[Connect again](/connect) to share more or less."))
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

  private func page(_ page: some Page) -> Response {
    let document = page.document(Self.style, .english)
    return response(200, document.headers(), document.bytes)
  }

  private func redirect(_ address: String, cookie: String?) -> Response {
    response(303, [("Location", address)] + (cookie.map { [("Set-Cookie", $0)] } ?? []), [])
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
