public import Catalogue

/// A token may reach a node before the news does of the key or the client it was made with, which another node
/// has just stored. Where a refusal may come of that, the store is asked before it is said.
extension Issuer {
  public func mayBeBehind(_ refusal: Refusal) -> Bool {
    guard isOneOfSeveral, case .bearer(let refusal) = refusal else { return false }
    return mayBeBehind(refusal)
  }

  func mayBeBehind(_ refusal: BearerRefusal) -> Bool {
    guard isOneOfSeveral else { return false }
    switch refusal {
    case .keyUnknown: return true
    case .clientDisabled(let client): return snapshot.client(client) == nil
    default: return false
    }
  }
}
