/// An entry of `X-Forwarded-For`: an address, which some proxies write with its port, and an IPv6 address then in brackets
/// (as RFC 7239 §6 has it).
public enum ForwardedAddress {
  /// The address alone: `2001:db8::1` of `[2001:db8::1]:443`, `192.0.2.7` of `192.0.2.7:4711`. What is neither stays as
  /// it is.
  public static func address(_ entry: some StringProtocol) -> String {
    let text = String(entry).trimmed.filter { $0 != "\"" }
    if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].contains(".") ? String(parts[0]) : text
  }
}
