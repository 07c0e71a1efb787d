public import Vocabulary

/// The API behind the gate did not answer. RFC 9110 §15.6.3, §15.6.5.
public enum UpstreamRefusal: RefusalArea {
  case connect(Excerpt)
  case responseInvalid(Excerpt)
  case timeout(after: Lifetime)

  public enum Name: String, ReasonName {
    case connect = "upstream_connect"
    case responseInvalid = "upstream_response_invalid"
    case timeout = "upstream_timeout"

    public var code: Code {
      switch self {
      case .connect, .responseInvalid: .upstreamUnavailable
      case .timeout: .upstreamTimeout
      }
    }
  }

  public var name: Name {
    switch self {
    case .connect: .connect
    case .responseInvalid: .responseInvalid
    case .timeout: .timeout
    }
  }

  public var explanation: Explanation {
    switch self {
    case .connect(let fault):
      Explanation("The upstream could not be reached: \(fault).", expected: "a connection", actual: "\(fault)")
    case .responseInvalid(let fault):
      Explanation("The upstream's answer is not HTTP: \(fault).", expected: "an HTTP response", actual: "\(fault)")
    case .timeout(let limit):
      Explanation("The upstream did not answer within \(limit).", expected: "an answer within \(limit)", actual: "none")
    }
  }
}
