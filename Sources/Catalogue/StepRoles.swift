/// Whom a step under FIX is for, by the word it begins with; a step without one is the client developer's.
public enum StepRoles {
  /// The word on the page, and the member's name in records.
  public static let all = [
    (caption: "Operator", member: "operator"), (caption: "Client developer", member: standard),
    (caption: "As a developer", member: standard), (caption: "API developer", member: "api_developer"),
    (caption: "As a person", member: "user"), (caption: "Person", member: "user"),
    (caption: "Caller", member: "caller"),
  ]
  public static let standard = "developer"
}
