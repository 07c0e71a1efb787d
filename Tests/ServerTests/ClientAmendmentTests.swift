import AuthorizationServer
import OAuth
import Storage
import Testing
import Vocabulary

@Suite("RFC 7592 §2.2 A client's registration is changed")
struct ClientAmendmentTests {
  static let old = Client(
    id: ClientID("c"), name: "Old", secrets: [], methods: [.basic], grants: [.authorizationCode],
    scopes: Scopes(parsing: "openid a") ?? .none,
    redirectURIs: ["https://a.example/cb", "https://a.example/two"].compactMap { try? RedirectURI($0) },
    createdAt: Clock.now)

  private func amended(_ edit: (inout ClientAmendment) throws -> Void) throws -> Client {
    var amendment = ClientAmendment()
    try edit(&amendment)
    return try amendment.applied(to: Self.old)
  }

  @Test func `what is added is added once, what is removed is gone, the rest stays`() throws {
    let client = try amended {
      $0.name = "New"
      $0.addedScopes = Scopes(parsing: "a b") ?? .none
      $0.removedScopes = Scopes(parsing: "openid") ?? .none
      $0.addedRedirectURIs = [try RedirectURI("https://b.example/cb"), try RedirectURI("https://a.example/cb")]
      $0.removedRedirectURIs = [try RedirectURI("https://a.example/two")]
      $0.addedPostLogoutRedirectURIs = [try RedirectURI("https://a.example/bye")]
      $0.addedGrants = [.refreshToken, .refreshToken]
    }
    #expect(client.name.description == "New" && client.scopes.description == "a b")
    #expect(client.redirectURIs.map(\.value) == ["https://a.example/cb", "https://b.example/cb"])
    #expect(client.openID.postLogoutRedirectURIs.map(\.value) == ["https://a.example/bye"])
    #expect(client.grants == [.authorizationCode, .refreshToken])
    #expect(client.methods == Self.old.methods && client.createdAt == Self.old.createdAt)
  }

  @Test func `what is not there cannot be removed`() throws {
    #expect(throws: ClientFault.scopeAbsent(Scopes(parsing: "A") ?? .none)) {
      try amended { $0.removedScopes = Scopes(parsing: "A") ?? .none }
    }
    let uri = try RedirectURI("https://a.example/cb/")
    #expect(throws: ClientFault.redirectURIAbsent(uri)) { try amended { $0.removedRedirectURIs = [uri] } }
    #expect(throws: ClientFault.postLogoutRedirectURIAbsent(uri)) {
      try amended { $0.removedPostLogoutRedirectURIs = [uri] }
    }
    #expect(throws: ClientFault.grantAbsent(.refreshToken)) { try amended { $0.removedGrants = [.refreshToken] } }
  }

  @Test func `a change does not leave a client that is of no use`() throws {
    #expect(throws: ClientFault.redirectURIMissing) { try amended { $0.removedRedirectURIs = Self.old.redirectURIs } }
    #expect(throws: ClientFault.scopeMissing) { try amended { $0.removedScopes = Self.old.scopes } }
    #expect(throws: ClientFault.nameEmpty) { try amended { $0.name = " \t" } }
    #expect(throws: ClientFault.grantMissing) { try amended { $0.removedGrants = [.authorizationCode] } }
  }

  @Test func `changes at the same moment are all made`() async throws {
    let store = MemoryStore()
    _ = try await store.commit(Batch([Self.old.insertion]))
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<4 {
        group.addTask {
          var amendment = ClientAmendment()
          amendment.addedScopes = Scopes(parsing: "s\(number)") ?? .none
          _ = try? await ClientRegistration.amend(ClientID("c"), by: amendment, in: store)
        }
      }
    }
    let scopes = try await store.read(Client.self, "c")?.record.scopes
    #expect(Set(scopes?.list.map(\.name) ?? []) == ["openid", "a", "s0", "s1", "s2", "s3"])
    #expect(try await ClientRegistration.amend(ClientID("d"), by: ClientAmendment(), in: store) == nil)
  }

  @Test func `a record keeps the addresses for signing out`() throws {
    var client = Self.old
    client.openID.postLogoutRedirectURIs = [try RedirectURI("https://a.example/bye")]
    #expect(Client(json: client.json) == client)
    #expect(Client(json: Self.old.json) == Self.old)
  }
}
