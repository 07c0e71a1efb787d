/// The words in German; people are addressed with "Sie".
enum German {
  static func words(_ phrase: Phrase) -> String {
    switch phrase {
    case .signIn: "Anmelden"
    case .signInFor(let application): "weiter zu \(application)"
    case .username: "Benutzername oder E-Mail-Adresse"
    case .password: "Passwort"
    case .credentialsRejected:
      "Benutzername und Passwort passen zu keinem Konto. Bitte prüfen Sie beides und versuchen Sie es noch einmal."
    case .throttled(let seconds): "Zu viele Versuche. Versuchen Sie es in \(duration(seconds)) noch einmal."

    case .consent(let application): "\(application) Zugriff erlauben?"
    case .consentLead(let application):
      "\(application) möchte Ihr Konto verwenden. Sie entscheiden, was freigegeben wird."
    case .signedInAs: "Angemeldet als"
    case .switchAccount: "Nicht Sie?"
    case .scopesLegend(let application): "Was \(application) darf"
    case .resourcesHint: "Wählen Sie, was Sie freigeben. Alles andere bleibt privat."
    case .required: "Erforderlich"
    case .allow: "Zugriff erlauben"
    case .deny: "Zugriff verweigern"
    case .afterwards(let host): "Nach Ihrer Entscheidung kehren Sie zu \(host) zurück."
    case .withdrawLater: "Sie können den Zugriff jederzeit in Ihrem Konto entziehen."
    case .nothingChosen:
      "Es ist noch nichts ausgewählt. Wählen Sie aus jeder Liste mindestens einen Eintrag, oder verweigern Sie den Zugriff."

    case .confirmation(let application): "Für \(application) bestätigen"
    case .confirmationLead(let application):
      "\(application) fragt, ob dies noch zu Ihrem Konto gehört. Sonst wird nichts freigegeben."
    case .confirm: "Bestätigen"

    case .whatHappened: "Was geschehen ist"
    case .whatIsKept: "Was erhalten bleibt"
    case .whatToDo: "Was Sie tun können"
    case .reference: "Referenz"
    case .referenceHint: "Nennen Sie sie, wenn Sie um Hilfe bitten."
    case .documentation: "Für Entwickler: was das bedeutet"
    case .backToApplication: "Zurück zur Anwendung"
    case .message(let notice, let part): words(notice, part)

    case .account: "Ihr Konto"
    case .accountPlace: "in Ihrem Konto"
    case .accountLead: "Diese Anwendungen haben Zugriff. Sie können ihn jederzeit entziehen."
    case .noGrants: "Keine Anwendung hat Zugriff auf Ihr Konto."
    case .mayScopes: "Was sie darf"
    case .mayResources: "Was für sie freigegeben ist"
    case .since(let date): "Seit \(date)"
    case .withdraw: "Zugriff entziehen"
    case .withdrawn(let application): "\(application) hat keinen Zugriff mehr."

    case .signOut: "Abmelden"
    case .signOutQuestion: "Möchten Sie sich abmelden?"
    case .signOutLead:
      "Anwendungen, denen Sie Zugriff gegeben haben, behalten ihn. Sie können ihn in Ihrem Konto entziehen."
    case .staySignedIn: "Angemeldet bleiben"
    case .signedOut: "Sie sind abgemeldet"
    case .signedOutLead: "Schließen Sie an einem gemeinsam genutzten Gerät auch das Browserfenster."

    case .returning(let application): "Zurück zu \(application)"
    case .returningLead: "Wenn nichts geschieht, verwenden Sie die Schaltfläche."
    case .continueOn: "Weiter"
    case .breadcrumbs: "Wo diese Seite steht"
    }
  }

  private static func words(_ notice: Notice, _ part: Phrase.Part) -> String {
    let texts =
      switch notice {
      case .requestExpired:
        Telling(
          "Diese Anfrage ist nicht mehr offen",
          "Sie hat zu lange gewartet oder wurde in einem anderen Fenster beendet.",
          "Ihr Konto und alles, was Sie früher entschieden haben, sind unverändert.",
          "Kehren Sie zur Anwendung zurück und beginnen Sie dort von vorn."
        )
      case .applicationUnknown:
        Telling(
          "Wir kennen diese Anwendung nicht",
          "Der Link, über den Sie kamen, nennt eine Anwendung, die nicht registriert ist.",
          "Es wurde nichts freigegeben, und niemand hat erfahren, dass Sie hier waren.",
          "Prüfen Sie, ob der Link vollständig ist. Wenn ja, wenden Sie sich an die Betreiber der Anwendung."
        )
      case .redirectNotRegistered(let application):
        Telling(
          "Wir können Sie nicht sicher zurückleiten",
          "Der Link nennt eine Rücksprungadresse, die für \(application) nicht registriert ist. Das kann ein Versehen sein oder ein Versuch, an Ihre Daten zu kommen.",
          "Es wurde nichts freigegeben.",
          "Folgen Sie dem Link nicht noch einmal. Wenden Sie sich an die Betreiber der Anwendung."
        )
      case .requestMalformed:
        Telling(
          "Die Anfrage der Anwendung ist unvollständig",
          "Sie wurde so gestellt, dass wir sie nicht beantworten können.",
          "Es wurde nichts freigegeben, und Ihr Konto ist unverändert.",
          "Gehen Sie zurück und versuchen Sie es noch einmal. Geschieht es wieder, wenden Sie sich an die Betreiber der Anwendung."
        )
      case .formNotAccepted:
        Telling(
          "Diese Seite ist veraltet", "Das gesendete Formular gehört nicht zu Ihrer aktuellen Sitzung.",
          "Es wurde nichts geändert.",
          "Prüfen Sie, ob Ihr Browser Cookies annimmt, gehen Sie zurück zur Anwendung und beginnen Sie dort neu."
        )
      case .tooManyAttempts:
        Telling(
          "Zu viele Versuche", "In kurzer Zeit gab es viele Versuche, sich anzumelden.",
          "Ihr Konto ist sicher, und Ihr Passwort ist unverändert.",
          "Warten Sie einige Minuten und versuchen Sie es dann noch einmal."
        )
      case .pageNotFound:
        Telling(
          "Hier ist keine Seite", "Die Adresse führt zu keiner Seite.", "Ihr Konto ist unverändert.",
          "Prüfen Sie die Adresse, oder kehren Sie dorthin zurück, woher Sie kamen."
        )
      case .notOpenedDirectly:
        Telling(
          "Diese Seite ist nur ein Zwischenschritt",
          "Ihre Adresse wurde einzeln aufgerufen, und für sich allein tut sie nichts.", "Es wurde nichts geändert.",
          "Gehen Sie zurück zur Anwendung und beginnen Sie dort neu. Was Sie freigegeben haben, steht in Ihrem Konto."
        )
      case .unavailable:
        Telling(
          "Wir sind gleich wieder da", "Ein Teil dieses Dienstes antwortet im Augenblick nicht.",
          "Nichts ist verloren. Alles, was Sie entschieden haben, bleibt erhalten.",
          "Warten Sie eine Minute und laden Sie die Seite dann neu."
        )
      case .fault:
        Telling(
          "Auf unserer Seite ist etwas schiefgegangen",
          "Beim Antworten ist uns ein Fehler unterlaufen. Er ist vermerkt.",
          "Alles, was Sie früher entschieden haben, bleibt erhalten.",
          "Versuchen Sie es noch einmal. Geschieht es wieder, nennen Sie uns die Referenz."
        )
      }
    return texts[part]
  }

  static func duration(_ seconds: Int) -> String {
    let minutes = seconds / 60 + (seconds % 60 > 0 ? 1 : 0)
    switch seconds {
    case ...1: return "1 Sekunde"
    case ..<90: return "\(seconds) Sekunden"
    case _: return "\(minutes) Minuten"
    }
  }
}
