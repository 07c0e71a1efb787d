import NIOHTTP1

/// What came on a connection while an answer was being worked on, in its order; no more than one read brings, since none
/// follows.
struct HeldArrivals {
  enum Arrival {
    case part(HTTPServerRequestPart)
    case event(Any)
    case error(any Error)
  }

  var arrivals: [Arrival] = []
  var wantsRead = false
}
