public import Catalogue
import Dialects
import OAuth
public import Vocabulary

/// A thing of a person's that they can share: one of their vehicles.
public struct OfferedResource: Sendable {
  public let detail: AuthorizationDetail
  public let title: String
  public let subtitle: String
  /// What things of its kind are called: "Vehicles".
  public let legend: String

  public init(detail: AuthorizationDetail, title: String, subtitle: String, legend: String) {
    self.detail = detail
    self.title = title
    self.subtitle = subtitle
    self.legend = legend
  }
}

/// Asks an API what a person has.
public protocol ResourceDirectory: Sendable {
  /// - Throws: a refusal of the upstream when the API cannot be asked.
  func resources(of person: SubjectID, at api: ProtectedAPI) async throws(Refusal) -> [OfferedResource]
}

extension Issuer {
  /// What a person may pick from for a demand: the things of every API it is for, where a scope that is asked for opens
  /// a route that names things in its path.
  func resources(
    _ person: SubjectID, _ demand: AuthorizationDemand, _ place: AuthorizationPlace
  ) async throws(Refusal) -> [OfferedResource] {
    guard let directory else { return [] }
    var offered: [OfferedResource] = []
    for api in apis where demand.audience.contains(api.audience) && api.resources != nil {
      let matters = api.routes.contains { route in
        route.resource != nil && (route.scopes.isEmpty || !route.scopes.intersection(demand.scopes).isEmpty)
      }
      if matters { offered += try await directory.resources(of: person, at: api) }
    }
    return offered
  }
}
