/**
 * Shapes shared by the modules of the scanner; types only. Times are ISO 8601 text where they come from the
 * server and milliseconds since 1970 where the page computes.
 *
 * @typedef {"kk" | "ru" | "en"} Language
 * @typedef {Record<Language, string>} Words one text in the three languages
 *
 * @typedef {object} Device the paired phone
 * @property {string} device
 * @property {string} token
 * @property {string | null} venue null: all venues
 * @property {string} name
 *
 * @typedef {object} Festival
 * @property {Words} name
 * @property {string} time_zone IANA name
 * @property {boolean} [training] the server allows the training clock
 *
 * @typedef {{salt: string, iterations: number, verifier: string}} PinCheck salt and verifier in hex
 * @typedef {Record<string, Partial<Record<"usher" | "supervisor", PinCheck>>>} PinChecks by day, ISO
 *
 * @typedef {{key: number, public: string, realm: string}} PublicKey signs codes; its number, and itself in hex
 *
 * @typedef {object} Hall
 * @property {string} code
 * @property {Words} name
 * @property {string} venue
 * @property {Words} venue_name
 *
 * @typedef {object} Screening
 * @property {string} code
 * @property {number} number what signed codes call it
 * @property {Words} title
 * @property {string} starts_at
 * @property {string} ends_at
 * @property {string} doors_open
 * @property {string} doors_close
 * @property {string} hall
 * @property {string} venue
 * @property {string} status
 * @property {string | null} age
 * @property {string} day the festival's local date, ISO
 * @property {boolean} ends_after_22
 * @property {number} transfer_minutes
 * @property {number} admitted
 * @property {number} capacity
 * @property {string | null} [released_at] since when tickets that nobody came with guarantee no place
 * @property {number} [called] numbers of the rush line up to this one may come in
 *
 * @typedef {{place: number, row: string, number: string, area: string}} LeasedPlace
 *
 * @typedef {object} RushTold the rush line of one screening, as the server told it
 * @property {string} screening
 * @property {string} digest
 * @property {string | null} released_at
 * @property {number} called
 * @property {number} numbers
 * @property {number} free
 * @property {number} leased
 * @property {number} taken
 * @property {LeasedPlace[]} leases this phone's, not used as far as the server knows
 * @property {{hash: string, number: number[], admissions: AdmissionColumns}} slips
 *
 * @typedef {object} TicketColumns `screening` and `area` are positions in the lists beside them
 * @property {string} hash base64, eight bytes a ticket
 * @property {string[]} screenings
 * @property {number[]} screening
 * @property {string[]} row
 * @property {string[]} number
 * @property {string[]} areas
 * @property {number[]} area
 * @property {string[]} card
 * @property {string[]} state
 * @property {number[]} revision
 * @property {number[]} serial each as the difference to the one before
 *
 * @typedef {object} AdmissionColumns `ticket` is a position in the columns of tickets
 * @property {string[]} devices
 * @property {number[]} ticket
 * @property {number[]} at
 * @property {(string | null)[]} gate
 * @property {number[]} device
 * @property {number[]} inside
 * @property {(number | null)[]} left
 *
 * @typedef {object} SyncAnswer `full`: all tickets anew; else what has changed since the cursor
 * @property {string} cursor
 * @property {string} server_time
 * @property {boolean} full
 * @property {boolean} all_screenings
 * @property {Festival | null} festival null: as before
 * @property {{pins?: PinChecks} | null} policy null: as before, and so are the keys
 * @property {PublicKey[]} keys
 * @property {Hall[]} halls
 * @property {Screening[]} screenings
 * @property {Record<string, number>} occupancy
 * @property {TicketColumns} tickets
 * @property {AdmissionColumns} admissions
 * @property {RushTold | null} [rush] null: nothing new
 *
 * @typedef {object} Choice where the usher stands and what is shown there
 * @property {string} screening
 * @property {string} hall the hall at the moment of choosing
 * @property {string} gate
 *
 * @typedef {"in" | "out"} Direction
 *
 * @typedef {object} Scan one attempt; with `verdict` it is a final statement on the attempt of the same id
 * @property {string} id
 * @property {string} [code]
 * @property {string} [ticket] its id, where it was found by other means than its code
 * @property {string} screening
 * @property {number} [place] of the phone's lease: the place that the scan has, or may have
 * @property {string} hall where the phone stands, so that the server sees when the screening has moved
 * @property {string} at
 * @property {number} seq
 * @property {boolean} offline
 * @property {Direction} direction
 * @property {string} gate
 * @property {"admit" | "refuse"} [verdict]
 * @property {string} [reason]
 * @property {{reason: string}} [override] why a supervisor let somebody in all the same
 * @property {string} prev the hash of the log's entry before
 * @property {number} [monotonic] milliseconds since the page was loaded, whatever the clock is set to
 * @property {string | null} [cursor] how far the phone had followed the server
 *
 * @typedef {object} TicketShown
 * @property {string} ticket
 * @property {string} place
 * @property {string | null} [section]
 * @property {string | number | null} [row]
 * @property {string | number | null} [number]
 * @property {string | null} [band]
 * @property {string | null} [concession]
 * @property {string} [screening]
 *
 * @typedef {TicketShown & {key: string, last: string, state: string}} Guest a ticket that was found by the end of a number
 *
 * @typedef {object} Redirect
 * @property {string} screening
 * @property {Words} title
 * @property {string} starts_at
 * @property {string} hall
 * @property {Words} hall_name
 * @property {string} venue
 * @property {Words} venue_name
 * @property {number | null} [minutes]
 *
 * @typedef {object} Occupancy
 * @property {number} admitted
 * @property {number} capacity
 *
 * @typedef {object} Answer the server's answer to one scan
 * @property {string} id
 * @property {string} [stored]
 * @property {string} verdict
 * @property {string} reason
 * @property {TicketShown | null} [ticket]
 * @property {string[]} [attention]
 * @property {string | null} [since]
 * @property {string | null} [since_gate]
 * @property {string | null} [since_device] the device's id
 * @property {Redirect | null} [redirect]
 * @property {number} [place] of the rush line
 * @property {number} [slip] the number of a slip
 * @property {boolean} [new_seat] not the one on the ticket, which somebody else has
 * @property {Occupancy | null} [occupancy]
 * @property {boolean} [relayed] it is the venue's relay that knew of somebody who is in
 */

export {};
