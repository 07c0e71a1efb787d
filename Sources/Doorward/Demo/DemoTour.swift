import Foundation
import StrictJSON

/// What a newcomer is taken through: lines for the terminal that work when they are pasted, and the same as the
/// demo's first page, where no secret and no token stands.
struct DemoTour {
  let url: String
  let folder: String
  /// Where the sample application answers.
  let application: String

  private var vehicle: String { DemoAPIs.vehicles[0] }
  private var binary: String { CommandLine.arguments.first ?? "doorward" }
  private var explain: String { "\(binary) explain \"$TRACE\" --data '\(folder)'" }

  private var trace: String {
    "TRACE=$(curl -si \(url)/kordiam/api/v2/elements | sed -n 's/^Trace-Id: *//p' | tr -d '\\r')"
  }

  private var refusals: [String] {
    [
      "/api/notes", "/smartcar/v3/vehicles/\(vehicle)", "/smartcar/v2.0/vehicles/\(vehicle)/odometer",
      "/shaid/maids/0/appid", "/kordiam/api/v2/elements", "/cyoda/api/entities",
    ].map { "curl -i \(url)\($0)" }
  }

  func terminal(_ manifest: JSON) -> String {
    func token(_ contract: String, _ kind: String) -> String {
      manifest["contracts"]?[contract]?["tokens"]?[kind]?.string ?? ""
    }
    let machine = manifest["clients"]?["machine"]
    let id = machine?["client_id"]?.string ?? ""
    let secret = machine?["client_secret"]?.string ?? ""
    return """
      Doorward's demo answers at \(url)   (Ctrl-C ends it)

      1. A token, and an API that takes it:
         TOKEN=$(curl -s \(url)/oauth/token -u '\(id):\(secret)' -d grant_type=client_credentials | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
         curl -i \(url)/api/notes -H "Authorization: Bearer $TOKEN"

      2. The same refusal in six dialects (no credential at all):
         \(refusals.joined(separator: "\n   "))

      3. An expired token, as SHAID and Kordiam say it:
         curl -i \(url)/shaid/maids/0/appid -H 'Authorization: \(token("shaid", "expired"))'
         curl -i \(url)/kordiam/api/v2/elements -H 'Authorization: Bearer \(token("kordiam", "expired"))'

      4. Why? Every answer carries a Trace-Id, and the operator asks:
         \(trace)
         \(explain)

      5. The page that explains it, for people and for programs:
         curl -s \(url)/errors/credentials-missing.md
         curl -s \(url)/cyoda/api/help/errors.UNAUTHORIZED

      6. A person allows or denies, in a browser; sign in as \(DemoSeed.username), "\(DemoSeed.password)":
         \(application)   the sample application
         \(url)/account   what was shared, and the way to take it back
      """
  }

  var page: String {
    """
    # Doorward: the demo

    This server issues tokens and stands in front of seven small APIs. Whatever it refuses, it refuses in the words that the API promised its callers; a page explains it; and the operator can ask why. Five minutes show all of it.

    ## 1. The same refusal in six dialects

    ```
    \(refusals.joined(separator: "\n"))
    ```

    ## 2. Why it was refused

    Every answer carries a `Trace-Id`. The operator asks for it on the command line:

    ```
    \(trace)
    \(explain)
    ```

    ## 3. The page that explains it

    - [Every code this server gives](/errors)
    - [CREDENTIALS_MISSING](/errors/credentials-missing), the refusal above, with its wire shape in each dialect
    - [The page Kordiam names in its answers](/kordiam/docs/errors/unauthorized)
    - [The page Smartcar names in its answers](/smartcar/docs/errors/api-errors/authentication-errors)
    - [Cyoda's topic, as JSON](/cyoda/api/help/errors.UNAUTHORIZED)

    ## 4. With a token

    The terminal in which the demo was started shows the same tour with a client's secret and with tokens in place. What a program needs is found here:

    - [OpenID Connect discovery](/.well-known/openid-configuration)
    - [Authorization server metadata](/.well-known/oauth-authorization-server)
    - [The keys tokens are signed with](/oauth/jwks)
    - [Health](/health/ready) and [metrics](/metrics)

    ## 5. A person allows or denies

    [Drive log](\(application)/) is the sample application: it asks to see vehicles. Sign in as `\(DemoSeed.username)` with the password `\(DemoSeed.password)`. Deny first, try again, and share one of three vehicles.

    [Your account](/account) shows what was shared, and takes it back: the next call of Drive log is refused in its API's words.

    """
  }
}
