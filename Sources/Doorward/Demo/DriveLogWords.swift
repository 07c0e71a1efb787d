import Pages

/// What Drive log says, in the languages of the pages that it leads to.
struct DriveLogWords {
  let language: Language

  /// What a page of it tells: the heading, what happened, what to do, and what the button says.
  struct Message {
    let heading: String
    let happened: String
    let next: String?
    let again: String
  }

  enum Story {
    case nothingHere, notOurs, denied, left, notCompatible, notPossible, noToken, disconnected
  }

  private func words(_ english: String, _ german: String) -> String {
    switch language {
    case .english: english
    case .german: german
    }
  }

  var start: String {
    words(
      """
      Drive log writes down how far your car has been driven, so that you do not have to.

      [Connect your car](/connect): you choose which, and you can take it back at any time.
      """,
      """
      Drive log schreibt auf, wie weit Ihr Auto gefahren ist, damit Sie es nicht tun müssen.

      [Auto verbinden](/connect): Sie wählen, welches, und können es jederzeit zurücknehmen.
      """)
  }

  var logTitle: String { words("Your drive log", "Ihr Fahrtenbuch") }
  var odometerMissing: String { words("the odometer is not shared", "der Kilometerstand ist nicht freigegeben") }
  var connectAgain: String {
    words(
      "[Connect again](/connect) to share more or less.", "[Neu verbinden](/connect), um mehr oder weniger freizugeben."
    )
  }

  /// - Parameter error: the `error` of the answer (RFC 6749 §4.1.2.1), in the words of Smartcar's contract. What stands
  ///   beside it, `error_description`, is for developers.
  static func story(error: String) -> Story {
    switch error {
    case "access_denied": .denied
    case "user_manually_returned_to_application": .left
    case "vehicle_incompatible": .notCompatible
    default: .notPossible
    }
  }

  func message(_ story: Story) -> Message {
    let again = words("Try again", "Noch einmal versuchen")
    let without = words(
      "You can try again, or go on without.", "Sie können es noch einmal versuchen oder ohne weitermachen.")
    switch story {
    case .nothingHere:
      return Message(
        heading: words("There is nothing here", "Hier ist nichts"),
        happened: words("The address is not one of Drive log’s.", "Die Adresse gehört nicht zu Drive log."), next: nil,
        again: words("Connect your car", "Auto verbinden"))
    case .notOurs:
      return Message(
        heading: words("That was not us", "Das waren nicht wir"),
        happened: words(
          "The answer does not belong to a question of yours.", "Die Antwort gehört zu keiner Frage von Ihnen."),
        next: nil, again: words("Start again", "Neu beginnen"))
    case .denied:
      return Message(
        heading: words("You chose not to share your car", "Sie haben Ihr Auto nicht freigegeben"),
        happened: words(
          "You denied access. Nothing was shared, and Drive log cannot read the odometer for you.",
          "Sie haben den Zugriff verweigert. Es wurde nichts freigegeben, und ohne Freigabe kann Drive log den Kilometerstand nicht für Sie ablesen."
        ),
        next: without, again: again)
    case .left:
      return Message(
        heading: words("You came back without deciding", "Sie sind ohne Entscheidung zurückgekehrt"),
        happened: words("Nothing was shared.", "Es wurde nichts freigegeben."), next: without, again: again)
    case .notCompatible:
      return Message(
        heading: words("There is no car we can read", "Es gibt kein Auto, das wir ablesen können"),
        happened: words(
          "None of your cars can tell its odometer. Nothing was shared.",
          "Keines Ihrer Autos kann seinen Kilometerstand nennen. Es wurde nichts freigegeben."), next: without,
        again: again)
    case .notPossible:
      return Message(
        heading: words("Your car could not be connected", "Ihr Auto konnte nicht verbunden werden"),
        happened: words(
          "Something went wrong between us and your car’s maker. Nothing was shared.",
          "Zwischen uns und dem Hersteller ist etwas schiefgegangen. Es wurde nichts freigegeben."), next: without,
        again: again)
    case .noToken:
      return Message(
        heading: words("Your car could not be connected", "Ihr Auto konnte nicht verbunden werden"),
        happened: words(
          "The answer came too late, or was used before.", "Die Antwort kam zu spät oder wurde schon verwendet."),
        next: nil, again: again)
    case .disconnected:
      return Message(
        heading: words("Your car is no longer connected", "Ihr Auto ist nicht mehr verbunden"),
        happened: words(
          "The API does not let Drive log in any more.", "Die Schnittstelle lässt Drive log nicht mehr ein."),
        next: words("Connect it again if you want to go on.", "Verbinden Sie es neu, wenn Sie weitermachen möchten."),
        again: words("Connect your car", "Auto verbinden"))
    }
  }
}
