import Catalogue
import Dialects
import Foundation
import HTTPTypes
import OAuth
public import Vocabulary

extension ResourceRule {
  static func load(_ reader: YAMLReader?) throws(ConfigurationRefusal) -> ResourceRule? {
    guard let reader else { return nil }
    let entries = try reader.mapping(["type", "legend", "path"])
    guard let type = entries["type"] else { throw .keyMissing(reader.location, "type") }
    guard let path = entries["path"] else { throw .keyMissing(reader.location, "path") }
    let text = try path.text("path")
    guard text.hasPrefix("/") else {
      throw .valueInvalid(
        path.location, key: "path", seen: Excerpt(text), expected: "a path at the upstream, as /people/vehicles")
    }
    return ResourceRule(
      type: try type.text("type"), legend: try entries["legend"]?.text("legend") ?? "", path: text)
  }
}

extension Route {
  static func load(_ reader: YAMLReader) throws(ConfigurationRefusal) -> Route {
    let entries = try reader.mapping(["match", "scope", "resource", "access", "require_headers"])
    guard let match = entries["match"] else { throw .keyMissing(reader.location, "match") }
    let access = try entries["access"]?.text("access") ?? "token"
    guard let kind = ["token": Access.token, "everyone": .everyone, "client": .client][access] else {
      throw .valueInvalid(
        entries["access"]?.location ?? reader.location, key: "access", seen: Excerpt(access),
        expected: "one of token, everyone, client")
    }
    var headers: [String] = []
    for header in try entries["require_headers"]?.list() ?? [] {
      let name = try header.text("require_headers")
      guard HTTPField.Name(name) != nil else {
        throw .valueInvalid(header.location, key: "require_headers", seen: Excerpt(name), expected: "a header's name")
      }
      headers.append(name)
    }
    let text = try match.text("match")
    let scope = try entries["scope"]?.text("scope") ?? ""
    guard let scopes = Scopes(parsing: scope) else {
      throw .valueInvalid(
        reader.location, key: "scope", seen: Excerpt(scope), expected: "scope tokens separated by spaces")
    }
    if kind != .token, !scopes.isEmpty || entries["resource"] != nil {
      throw .valueInvalid(
        reader.location, key: "access", seen: Excerpt(access),
        expected: "token: only a token has a scope or a resource")
    }
    guard
      var route = Route(
        text, scopes: scopes, resource: try entries["resource"]?.text("resource"), access: kind, headers: headers)
    else {
      throw .valueInvalid(
        match.location, key: "match", seen: Excerpt(text),
        expected:
          "a method in capitals and a path, as GET /vehicles/{vehicle_id}; ** last only; {name} or {name:uuid}; a resource names a variable of the path"
      )
    }
    route.origin = match.location
    return route
  }

  /// What is wrong with a route, as shortly as it can be said.
  private static func fault(_ text: String, resource: String?) -> Excerpt {
    if Route(text) != nil { return "a resource of the form TYPE VARIABLE, the variable one of the path's" }
    if text.contains("**") { return "** as the last part of the path only" }
    if text.contains(":") { return "{name} or {name:uuid}, each name once" }
    return "methods in capitals and a path, as GET,POST /vehicles/{vehicle_id}"
  }

  /// From `GET,POST /vehicles/{vehicle_id}/odometer`; a variable written `{id:uuid}` must be a UUID.
  /// - Parameter resource: `vehicle {vehicle_id}`: the type, and the variable that names the thing.
  public init?(
    _ text: String, scopes: Scopes = .none, resource: String? = nil, access: Access = .token, headers: [String] = []
  ) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, parts[1].hasPrefix("/") else { return nil }
    let methods = parts[0].split(separator: ",").map(String.init)
    guard methods.allSatisfy({ $0.utf8.allSatisfy { (0x41...0x5A).contains($0) } }) else { return nil }
    var variables: Set<String> = []
    var segments: [Segment] = []
    var uuids: Set<String> = []
    for part in parts[1].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if segments.last == .rest { return nil }
      if part == "**" {
        segments.append(.rest)
      } else if part.hasPrefix("{"), part.hasSuffix("}") {
        let variable = part.dropFirst().dropLast().split(separator: ":")
        guard let name = variable.first, variables.insert(String(name)).inserted else { return nil }
        if variable.count > 1 {
          guard variable.count == 2, variable[1] == "uuid" else { return nil }
          uuids.insert(String(name))
        }
        segments.append(.variable(String(name)))
      } else {
        segments.append(.literal(String(part)))
      }
    }
    var named: (type: String, variable: String)?
    if let resource {
      let words = resource.split(separator: " ")
      guard words.count == 2 else { return nil }
      let variable = String(words[1].filter { $0 != "{" && $0 != "}" })
      guard variables.contains(variable) else { return nil }
      named = (String(words[0]), variable)
    }
    self.init(
      methods: methods, segments: segments, template: String(parts[1]),
      scopes: scopes, resource: named, access: access, requiredHeaders: headers.map(RequiredHeader.init), uuids: uuids)
  }
}
