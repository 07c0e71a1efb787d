/// Whether all clients call a person by one name, or each sector by its own (OpenID Connect Core §8).
public enum SubjectType: String, CaseIterable, Sendable {
  case `public`, pairwise
}
