package desk

import "dvala/study"

// Roles in short, for the table.
const (
	part  = study.RoleParticipant
	coord = study.RoleCoordinator
	inv   = study.RoleInvestigator
	mon   = study.RoleMonitor
	pharm = study.RolePharmacist
	stat  = study.RoleStatistician
	cust  = study.RoleCustodian
	audit = study.RoleAuditor
	admin = study.RoleAdministrator
	sys   = study.RoleSystem
)

type may = map[study.Role]Reach

// staff and everybody are for what is about nobody, or about oneself: it is the
// same at whichever site one has one's role.
var (
	staff     = may{coord: Anywhere, inv: Anywhere, mon: Anywhere, pharm: Anywhere, stat: Anywhere, audit: Anywhere, admin: Anywhere, cust: Anywhere}
	everybody = may{
		part: Anywhere, coord: Anywhere, inv: Anywhere, mon: Anywhere, pharm: Anywhere, stat: Anywhere, audit: Anywhere, admin: Anywhere, cust: Anywhere,
	}
)

// rules is the table: action × role. What is not here nobody may do.
// doc/roles.md is written from it.
var rules = map[Action]Rule{
	// A trial that its one participant runs, from her own pages (desk/herself.go).
	"run-own-trial": {May: may{part: Own}},

	// What people do in a trial.
	"screen":               {May: may{coord: Site, inv: Site}, Named: true},
	"consent":              {May: may{part: Own, coord: Site, inv: Site}},
	"enrol":                {May: may{part: Own, coord: Site, inv: Site}},
	"randomise":            {May: may{coord: Site, inv: Site}},
	"dispense":             {May: may{coord: Site, inv: Site, pharm: Site}},
	"return":               {May: may{coord: Site, inv: Site, pharm: Site}},
	"answer":               {May: may{part: Own, coord: Site, inv: Site}},
	"record-night":         {May: may{part: Own, coord: Site, inv: Site, sys: Trial}},
	"take-dose":            {May: may{part: Own, coord: Site, inv: Site}},
	"note-event":           {May: may{coord: Site, inv: Site}},
	"report-adverse-event": {May: may{part: Own, coord: Site, inv: Site}},
	"note-deviation":       {May: may{coord: Site, inv: Site, mon: Site}},
	"correct":              {May: may{part: Own, coord: Site, inv: Site}},
	"withdraw":             {May: may{part: Own, coord: Site, inv: Site}},
	"complete":             {May: may{coord: Site, inv: Site}},

	"log-not-screened":       {May: may{coord: Site, inv: Site}, Named: true},
	"close-screening":        {May: may{coord: Site, inv: Site}},
	"record-erasure":         {May: may{admin: Trial, sys: Trial}},
	"update-adverse-event":   {May: may{coord: Site, inv: Site}},
	"report-serious":         {May: may{coord: Site, inv: Site}},
	"record-medication":      {May: may{part: Own, coord: Site, inv: Site}},
	"report-pregnancy":       {May: may{part: Own, coord: Site, inv: Site}},
	"follow-pregnancy":       {May: may{coord: Site, inv: Site}},
	"report-device-incident": {May: may{part: Own, coord: Site, inv: Site}},
	"review-deviation":       {May: may{inv: Site, mon: Site}},

	"raise-query":   {May: may{coord: Site, inv: Site, mon: Site, stat: Trial, audit: Trial, sys: Trial}},
	"answer-query":  {May: may{part: Own, coord: Site, inv: Site, pharm: Site}},
	"close-query":   {May: may{coord: Site, inv: Site, mon: Site, stat: Trial}},
	"reopen-query":  {May: may{coord: Site, inv: Site, mon: Site, stat: Trial}},
	"lock-form":     {May: may{inv: Site}, Strong: true},
	"lock-person":   {May: may{inv: Site}, Strong: true},
	"sign":          {May: may{coord: Site, inv: Site, mon: Site, pharm: Site, stat: Trial, cust: Trial, audit: Trial}, Strong: true},
	"verify-source": {May: may{mon: Site}},

	"change-wake":      {May: may{part: Own, coord: Site, inv: Site}},
	"change-zone":      {May: may{part: Own, coord: Site, inv: Site}},
	"change-language":  {May: may{part: Own, coord: Site, inv: Site}},
	"change-reminders": {May: may{part: Own, coord: Site, inv: Site}},
	"close-tasks":      {May: may{sys: Trial, coord: Site, inv: Site}},
	"excuse":           {May: may{coord: Site, inv: Site}},
	"note-clock-jump":  {May: may{sys: Trial}},
	// These tell of what lies beside the ledger: the office gives them itself.
	"note-access-log":     {May: may{sys: Trial}},
	"note-held":           {May: may{sys: Trial}},
	"record-held-settled": {May: may{sys: Trial}},
	"confirm-clock":       {May: may{admin: Trial}},

	// What wants two people: one proposes, another approves with a signature.
	"amend-protocol":         {May: may{inv: Trial, stat: Trial, admin: Trial}},
	"put-amendment-in-force": {May: may{inv: Site}, Named: true},
	"unlock":                 {May: may{coord: Site, inv: Site, mon: Site, stat: Trial}},
	"override-eligibility":   {May: may{coord: Site, inv: Site}},
	"approve":                {May: may{inv: Site, mon: Site, pharm: Site, cust: Trial, stat: Trial}, Strong: true, Named: true},
	"decline":                {May: may{coord: Site, inv: Site, mon: Site, pharm: Site, cust: Trial, stat: Trial}, Named: true},

	// Kits, and emergencies.
	"receive-kits":       {May: may{pharm: Site, coord: Site, inv: Site}, Named: true},
	"note-kit":           {May: may{pharm: Site, coord: Site, inv: Site}, Named: true},
	"replace-kit":        {May: may{pharm: Site, coord: Site, inv: Site}},
	"request-unblinding": {May: may{inv: Site}, Strong: true},
	"grant-unblinding":   {May: may{cust: Trial, inv: Site, coord: Site, pharm: Site, mon: Site, admin: Trial}},
	"confirm-unblinding": {May: may{inv: Site, coord: Site}},

	// Under minimisation the custodian's program names the place that was asked for.
	"answer-allocation": {May: may{cust: Trial}},

	// What is done to the trial as a whole.
	"extend-list":      {May: may{coord: Trial, pharm: Trial, inv: Trial}},
	"record-dry-run":   {May: may{stat: Trial}},
	"lock":             {May: may{inv: Trial}, Strong: true},
	"open-allocations": {May: may{cust: Trial}, Strong: true},
	"record-report":    {May: may{stat: Trial}},

	// One's own way in.
	"sign-in":      {Anyone: true},
	"own-sessions": {May: everybody},
	"own-passkeys": {May: everybody},
	"prove":        {May: everybody},
	"issue-token":  {May: staff, Strong: true},

	// Who comes in.
	"manage-accounts": {May: may{admin: Site}, Within: true},
	"see-accounts":    {May: may{admin: Site, audit: Trial}, Within: true},
	"see-access-log":  {May: may{admin: Trial, audit: Trial}},
	"invite":          {May: may{coord: Site, inv: Site}},
	// An invitation that is open to a site, and what whoever has it may do: no
	// more than answer, and she who has a code does not (Office.ScreenOneself).
	"invite-to-screen": {May: may{coord: Site, inv: Site}, Named: true},
	"see-invitations":  {May: may{coord: Site, inv: Site, mon: Site, audit: Trial, admin: Trial}, Within: true},
	"screen-oneself":   {May: may{part: Site}, Named: true},

	// What a person's device sends, and what of it cannot be filed.
	"submit":      {May: may{part: Own}},
	"put-file":    {May: may{part: Own, coord: Site, inv: Site, sys: Trial}},
	"see-file":    {May: may{part: Own, coord: Site, inv: Site, mon: Site, sys: Trial}},
	"see-held":    {May: may{coord: Site, inv: Site, mon: Site, audit: Trial}, Within: true},
	"settle-held": {May: may{coord: Site, inv: Site}, Named: true},

	// Who she is, apart from what the trial knows.
	"see-identity":   {May: may{part: Own, coord: Site, inv: Site}},
	"set-identity":   {May: may{part: Own, coord: Site, inv: Site}},
	"erase-identity": {May: may{part: Own, coord: Site, inv: Site}, Strong: true},

	// What is looked at.
	"see-words":      {May: may{part: Own, coord: Site, inv: Site, mon: Site, audit: Trial}},
	"see-trail":      {May: may{part: Own, coord: Site, inv: Site, mon: Site, pharm: Site, stat: Trial, audit: Trial, admin: Trial, cust: Trial}, Within: true},
	"see-history":    {May: may{part: Own, coord: Site, inv: Site, mon: Site, stat: Trial, audit: Trial}},
	"see-proof":      {May: may{part: Own, coord: Site, inv: Site, mon: Site, audit: Trial}, Named: true},
	"see-overview":   {May: staff},
	"see-people":     {May: may{coord: Site, inv: Site, mon: Site, audit: Trial}, Within: true},
	"see-person":     {May: may{coord: Site, inv: Site, mon: Site, audit: Trial}},
	"see-sendings":   {May: may{coord: Site, inv: Site, mon: Site, audit: Trial}},
	"see-tasks":      {May: may{part: Own, coord: Site, inv: Site, mon: Site, audit: Trial}},
	"see-checkpoint": {May: everybody},
	"see-changes":    {May: everybody},
	"see-own":        {May: may{part: Own}},
	"see-protocol":   {May: everybody},
	"see-ledger":     {May: may{mon: Trial, audit: Trial, inv: Trial, admin: Trial}},
	// Emergencies are seen by all who act in one, and by who watches over them.
	"see-emergencies": {May: may{cust: Trial, inv: Site, coord: Site, mon: Site, pharm: Site, admin: Trial, audit: Trial}, Within: true},
	"see-allocations": {May: may{cust: Trial, inv: Site, coord: Site, mon: Site, audit: Trial}, Within: true},
	"see-stock":       {May: may{pharm: Site, coord: Site, inv: Site, mon: Site, audit: Trial}, Within: true},
	"see-report":      {May: may{inv: Anywhere, stat: Anywhere, mon: Anywhere, audit: Anywhere, coord: Anywhere, admin: Anywhere}},
	"export":          {May: may{stat: Trial, audit: Trial, inv: Trial}},
}
