import Catalogue
import Vocabulary

extension AuthorizationRule {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping([
      "path", "code", "client_parameters", "default_redirect_uri", "locked_scope_prefix", "consent_parameter",
      "response_modes", "issuer", "subject_parameter", "offers_return", "test_triggers", "redirect_status",
      "unknown_client_text", "reauthentication",
    ])
    guard let path = entries["path"] else { throw .keyMissing(reader.location, "path") }
    let code = try entries["code"]?.mapping(["form", "lifetime", "exact_form"]) ?? [:]
    var names: [String] = []
    for name in try entries["client_parameters"]?.list() ?? [] { names.append(try name.text("client_parameters")) }
    var modes: [String] = []
    for mode in try entries["response_modes"]?.list() ?? [] { modes.append(try mode.text("response_modes")) }
    let force = try entries["consent_parameter"]?.text("consent_parameter").split(separator: "=").map(String.init) ?? []
    var triggers: [Trigger] = []
    for trigger in try entries["test_triggers"]?.list() ?? [] { triggers.append(try Trigger(trigger)) }
    self.init(
      path: try path.text("path"), codeForm: try code["form"]?.choice("form", TokenForm.self) ?? .opaque,
      codeLifetime: try code["lifetime"]?.lifetime("lifetime") ?? Lifetime(clamping: 60),
      exactForm: try code["exact_form"]?.bool("exact_form") ?? false,
      clientParameters: names.isEmpty ? ["client_id"] : names,
      defaultsRedirectURI: try entries["default_redirect_uri"]?.bool("default_redirect_uri") ?? false,
      lockedScopePrefix: try entries["locked_scope_prefix"]?.text("locked_scope_prefix"),
      consentParameter: force.count == 2 ? force[0] : nil, consentValue: force.count == 2 ? force[1] : nil,
      modes: modes.isEmpty ? ["query", "fragment", "form_post"] : modes,
      sendsIssuer: try entries["issuer"]?.bool("issuer") ?? true,
      subjectParameter: try entries["subject_parameter"]?.text("subject_parameter"),
      offersReturn: try entries["offers_return"]?.bool("offers_return") ?? false, triggers: triggers,
      redirectStatus: try entries["redirect_status"]?.text("redirect_status") == "302" ? 302 : 303,
      unknownClientText: try entries["unknown_client_text"]?.text("unknown_client_text"),
      reauthentication: try entries["reauthentication"].map { reader throws(ConfigurationRefusal) in
        try ReauthenticationRule(reader, besides: try path.text("path"))
      })
  }
}

extension ReauthenticationRule {
  /// - Parameter other: the authorization endpoint's own path.
  init(_ reader: YAMLReader, besides other: String) throws(ConfigurationRefusal) {
    let entries = try reader.mapping(["path", "resource_parameter", "response_types"])
    guard let path = entries["path"] else { throw .keyMissing(reader.location, "path") }
    guard let parameter = entries["resource_parameter"] else {
      throw .keyMissing(reader.location, "resource_parameter")
    }
    guard let types = entries["response_types"] else { throw .keyMissing(reader.location, "response_types") }
    let text = try path.text("path")
    guard text.hasPrefix("/"), text != other else {
      throw .valueInvalid(
        path.location, key: "path", seen: Excerpt(text), expected: "a path of its own, as /oauth/reauthenticate")
    }
    var names: [String] = []
    for type in try types.list() { names.append(try type.text("response_types")) }
    guard !names.isEmpty else {
      throw .valueInvalid(types.location, key: "response_types", seen: "nothing", expected: "one at least")
    }
    self.init(path: text, resourceParameter: try parameter.text("resource_parameter"), responseTypes: names)
  }
}

extension AuthorizationRule.Trigger {
  init(_ reader: YAMLReader) throws(ConfigurationRefusal) {
    let entries = try reader.mapping(["account", "parameters", "code", "problem"])
    guard let name = entries["code"] else { throw .keyMissing(reader.location, "code") }
    let text = try name.text("code")
    guard let code = Code(rawValue: text), code.entry.places.contains(.authorization) else {
      throw .valueInvalid(
        name.location, key: "code", seen: Excerpt(text), expected: "a code of the authorization endpoint")
    }
    var parameters: [(name: String, value: String)] = []
    for item in try entries["parameters"]?.list() ?? [] {
      let parts = try item.text("parameters").split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw .valueInvalid(item.location, key: "parameters", seen: "no equals sign", expected: "name=value")
      }
      parameters.append((parts[0], parts[1]))
    }
    let account = try entries["account"]?.text("account")
    guard account != nil || !parameters.isEmpty else { throw .keyMissing(reader.location, "account") }
    self.init(
      account: account, parameters: parameters, code: code, problem: try entries["problem"]?.text("problem") ?? "")
  }
}
