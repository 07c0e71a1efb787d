import AsyncHTTPClient
public import AuthorizationServer
public import Catalogue
import NIOCore
import NIOHTTP1
import OAuth
import StrictJSON
public import Vocabulary

/// Asks an API behind the gate what a person has, as `ResourceRule` describes.
public struct UpstreamResources: ResourceDirectory {
  private static let limit = 1 << 20

  public init() {}

  public func resources(of person: SubjectID, at api: ProtectedAPI) async throws(Refusal) -> [OfferedResource] {
    guard let rule = api.resources else { return [] }
    var request = HTTPClientRequest(url: api.upstream + rule.path)
    request.headers.add(name: "X-Auth-Subject", value: person.value)
    request.headers.add(name: "Accept", value: "application/json")
    let bytes: [UInt8]
    do {
      let answer = try await HTTPClient.shared.execute(request, deadline: .now() + .seconds(api.timeout.seconds))
      guard answer.status == .ok else {
        throw Refusal.upstream(.responseInvalid(Excerpt("status \(answer.status.code) for \(rule.path)")))
      }
      bytes = Array((try await answer.body.collect(upTo: Self.limit)).readableBytesView)
    } catch {
      if let refusal = error as? Refusal { throw refusal }
      throw .upstream(.connect(Excerpt("\(type(of: error))")))
    }
    guard let list = (try? JSON(parsing: bytes))?.array else {
      throw .upstream(.responseInvalid(Excerpt("no JSON list for \(rule.path)")))
    }
    return list.compactMap { item in
      guard let id = item["id"]?.string else { return nil }
      return OfferedResource(
        detail: AuthorizationDetail(type: rule.type, identifier: id), title: item["title"]?.string ?? id,
        subtitle: item["subtitle"]?.string ?? "", legend: rule.legend)
    }
  }
}
