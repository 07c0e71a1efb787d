import StrictJSON
public import Vocabulary

/// Refusals of the catalogue's own surface: pages, topics, traces.
public enum DocumentationRefusal: RefusalArea {
  case topicUnknown(Excerpt, nearest: [Excerpt])
  case topicMalformed(Excerpt)
  case traceUnknown

  public enum Name: String, ReasonName {
    case topicUnknown = "topic_unknown"
    case topicMalformed = "topic_malformed"
    case traceUnknown = "trace_unknown"

    public var code: Code {
      switch self {
      case .topicUnknown: .helpTopicNotFound
      case .topicMalformed: .helpTopicMalformed
      case .traceUnknown: .traceNotFound
      }
    }
  }

  public var name: Name {
    switch self {
    case .topicUnknown: .topicUnknown
    case .topicMalformed: .topicMalformed
    case .traceUnknown: .traceUnknown
    }
  }

  public var explanation: Explanation {
    switch self {
    case .topicUnknown(let topic, let nearest):
      Explanation(
        "There is no topic \(topic).",
        expected: nearest.isEmpty ? "a topic of the list" : nearest.map(\.description).joined(separator: ", "),
        actual: "\(topic)")
    case .topicMalformed(let fault):
      Explanation(
        "The topic's name is malformed: \(fault).", expected: "letters, digits, dots, slashes, hyphens, underscores",
        actual: "\(fault)")
    case .traceUnknown:
      Explanation(
        "No record is kept under that trace id: it is unknown, or it has left the bounded journal.",
        expected: "a trace id of a recent refusal", actual: "an unknown id")
    }
  }

  public var members: [Member] {
    switch self {
    case .topicUnknown(let topic, let nearest):
      [Member(.topic, .string("\(topic)"))]
        + (nearest.isEmpty ? [] : [Member(.suggestions, .array(nearest.map { .string("\($0)") }))])
    case .topicMalformed(let fault): [Member(.problem, .string("\(fault)"))]
    case .traceUnknown: []
    }
  }
}
