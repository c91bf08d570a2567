package protocol

import (
	"slices"
	"strings"
)

func (k *checker) design() {
	d, arms := k.p.Design, k.p.Arms
	ids := make([]string, len(arms))
	role := map[Role]int{}
	for i, a := range arms {
		ids[i] = a.ID
		role[a.Role]++
	}
	k.unique("arms", "id", ids)
	if len(arms) == 1 {
		k.add("arms-few", "arms", "a trial compares two arms at least, and there is one")
	} else if len(arms) > 1 && (role[Treatment] == 0 || role[Comparator] == 0) {
		k.add("arms-roles", "arms", "there must be a treatment and a comparator")
	}
	if d.SampleSize == "" {
		k.warn("sample-size-unexplained", "design.sample_size", "nothing says why %d participants are enough and not too many", d.Participants).
			WithHint("say which difference is to be found, with which spread and which chance, and how many may be lost")
	}
	k.runBy()
	k.checked.sequences = d.Sequences
	switch {
	case d.Kind == Parallel:
		k.parallel()
	case d.Kind == NOf1 && d.Cycles > 0:
		k.cycles(ids)
	case d.Kind == Crossover || d.Kind == NOf1:
		k.sequences(ids)
	}
	if d.Cycles > 0 && d.Kind != NOf1 && d.Kind != "" {
		k.add("cycles", "design.cycles", "a %s trial has no cycles", d.Kind).WithHint("they are for n-of-1, in which a person takes every arm several times")
	}
}

func (k *checker) parallel() {
	d := k.p.Design
	if d.Periods > 1 {
		k.add("design-periods", "design.periods", "a parallel trial has one period")
	}
	if d.WashoutDays > 0 {
		k.add("design-periods", "design.washout_days", "a parallel trial has no washout")
	}
	if len(d.Sequences) > 0 {
		k.add("design-periods", "design.sequences", "a parallel trial has arms to draw, not sequences")
	}
	for i, a := range k.p.Arms {
		if a.Ratio == 0 {
			k.add("arm-ratio", at("arms", i, "ratio"), "the arm has no ratio").WithHint("write 1 for every arm when they are alike in size")
		}
	}
}

// sequences checks the designs in which each person takes several arms in turn.
func (k *checker) sequences(arms []string) {
	d := k.p.Design
	if d.Periods < 2 {
		k.add("design-periods", "design.periods", "a %s trial has two periods at least", d.Kind)
	}
	k.washout()
	if len(d.Sequences) < 2 {
		k.add("sequences-few", "design.sequences", "a %s trial draws among two sequences at least", d.Kind).
			WithHint("as in {id: first, arms: [a, b], ratio: 1} and {id: second, arms: [b, a], ratio: 1}")
	}
	k.unratioed()
	ids := make([]string, len(d.Sequences))
	used := map[string]bool{}
	orders := map[string]int{}
	for i, s := range d.Sequences {
		ids[i] = s.ID
		if len(s.Arms) != d.Periods {
			k.add("sequence-length", at("design.sequences", i, "arms"), "the sequence has %d arms for %d periods", len(s.Arms), d.Periods)
		}
		for j, a := range s.Arms {
			used[a] = true
			if !slices.Contains(arms, a) {
				k.unknown("arm-unknown", at(at("design.sequences", i, "arms"), j), "arms", noArm, a, arms)
			}
		}
		order := strings.Join(s.Arms, " ")
		if j, ok := orders[order]; ok {
			k.add("sequence-twice", at("design.sequences", i), "this is the same order of arms as %s", at("design.sequences", j))
		}
		orders[order] = i
	}
	k.unique("design.sequences", "id", ids)
	for i, a := range arms {
		if a != "" && !used[a] && len(d.Sequences) > 0 {
			k.add("arm-unused", at("arms", i), "no sequence holds the arm %q", a)
		}
	}
	k.confounded()
}

func (k *checker) washout() {
	if k.p.Design.WashoutDays == 0 {
		k.warn("washout-none", "design.washout_days", "no days lie between the periods, so what was taken in one may work on into the next").
			WithHint("leave some half-lives between them, or analyse only the late days of each period and say so")
	}
}

// unratioed refuses ratios of arms where orders are drawn.
func (k *checker) unratioed() {
	for i, a := range k.p.Arms {
		if a.Ratio != 0 {
			k.add("arm-ratio", at("arms", i, "ratio"), "in a %s trial the sequences have ratios, not the arms", k.p.Design.Kind)
		}
	}
}

// confounded finds a period in which all sequences give the same arm: there
// the arm and the period cannot be told apart.
func (k *checker) confounded() {
	d := k.p.Design
	if d.Kind != Crossover || len(d.Sequences) < 2 {
		return
	}
	for period := range d.Periods {
		arms := map[string]bool{}
		for _, s := range d.Sequences {
			if period >= len(s.Arms) {
				return
			}
			arms[s.Arms[period]] = true
		}
		if len(arms) == 1 {
			k.add("sequence-confounded", "design.sequences", "all sequences give the same arm in period %d, so arm and period cannot be told apart", period+1)
		}
	}
}

// armNames refuses IDs of arms and sequences that stand inside other names of
// the protocol: those names are on the ledger and in every export, where an
// arm must not be found before the openings.
func (k *checker) armNames() {
	p := k.p
	public := map[string]string{}
	name := func(place, s string) {
		if s != "" {
			public[place] = strings.ToLower(s)
		}
	}
	name("id", p.ID)
	for i, q := range p.Population.Screening {
		name(at("population.screening", i, "name"), q.Name)
	}
	for i, s := range p.Sites {
		name(at("sites", i, "id"), s.ID)
	}
	for i, v := range p.Visits {
		name(at("visits", i, "id"), v.ID)
	}
	for i, o := range p.Outcomes {
		name(at("outcomes", i, "id"), o.ID)
	}
	for i, e := range p.Estimands {
		name(at("estimands", i, "id"), e.ID)
	}
	for i, a := range p.Arms {
		k.secretName(a.ID, at("arms", i, "id"), public)
	}
	for i, s := range p.Design.Sequences {
		k.secretName(s.ID, at("design.sequences", i, "id"), public)
	}
}

// secretName looks at one name that a list hides.
func (k *checker) secretName(id, place string, public map[string]string) {
	if id == "" {
		return
	}
	if len(id) < 3 {
		k.warn("arm-id-short", place, "%q is so short that it turns up by chance, and a search for arms in the data proves little", id).
			WithHint("take a name of several letters that occurs nowhere else")
		return
	}
	for _, other := range sortedKeys(public) {
		if strings.Contains(public[other], id) {
			k.add("arm-id-common", place, "the name %q stands inside %s, which is written where no arm may be read", id, other).
				WithHint("take a name that occurs nowhere else")
			return
		}
	}
}

func (k *checker) randomisation() {
	r := &k.p.Randomisation
	k.sites()
	k.strata(r)
	if k.misshapen("randomisation.strata") || slices.ContainsFunc(r.Strata, func(s Stratum) bool { return len(s.Levels) == 0 }) {
		return
	}
	if n := cellCount(pools(r)); n > maxCells {
		k.add("cells-many", "randomisation.strata", "the strata make %d cells, and %d is the most", n, maxCells).
			WithHint("stratify by two or three factors and adjust for the others in the model")
		return
	}
	k.cells = cellsOf(pools(r))
	if r.Method == Minimisation {
		k.minimise(r)
		return
	}
	k.unminimised(r)
	k.blocks(r)
}

// maxCells is how many stratum cells a list may have.
const maxCells = 500

func cellCount(strata []Stratum) int {
	n := 1
	for _, s := range strata {
		if n *= len(s.Levels); n > 1_000_000 {
			break
		}
	}
	return n
}

func (k *checker) sites() {
	ids := make([]string, len(k.p.Sites))
	for i, s := range k.p.Sites {
		ids[i] = s.ID
	}
	k.unique("sites", "id", ids)
	stratified := slices.ContainsFunc(k.p.Randomisation.Strata, func(s Stratum) bool { return s.Name == siteStratum })
	if len(ids) > 1 && !stratified {
		k.add("strata-site", "randomisation.strata", "there are %d sites and the site is not a stratum, but kits are packed for each site by its own list", len(ids)).
			WithHint("add to the strata: {name: site}")
	}
}

// strata checks each factor and fills in its levels.
func (k *checker) strata(r *Randomisation) {
	names := make([]string, len(r.Strata))
	for i := range r.Strata {
		s := &r.Strata[i]
		names[i] = s.Name
		place := at("randomisation.strata", i)
		if s.Name == siteStratum {
			for _, site := range k.p.Sites {
				s.Levels = append(s.Levels, site.ID)
			}
			if len(s.Cuts) > 0 {
				k.add("stratum-cuts", place+".cuts", "sites have no cuts")
			}
			continue
		}
		q, ok := Checked{k.checked}.Question(s.Name)
		if !ok {
			k.unknown("question-unknown", place+".name", "population.screening", noQuestion, s.Name,
				append(questionNames(k.p.Population.Screening), siteStratum))
			continue
		}
		k.stratum(s, q, place)
	}
	k.unique("randomisation.strata", "name", names)
}

func (k *checker) stratum(s *Stratum, q Question, place string) {
	numeric := q.Type == "int" || q.Type == "number"
	switch {
	case !numeric && len(s.Cuts) > 0:
		k.add("stratum-cuts", place+".cuts", "%s is no number, so it cannot be cut", q.Name)
	case numeric && len(s.Cuts) == 0:
		k.add("stratum-cuts", place, "%s is a number, and a stratum of it wants cuts", q.Name).WithHint("as in cuts: [45], for under 45 and from 45")
	case numeric:
		for i, c := range s.Cuts {
			if i > 0 && c <= s.Cuts[i-1] {
				k.add("stratum-cuts", at(place+".cuts", i), "cuts must rise, and %g follows %g", c, s.Cuts[i-1])
			}
			if q.Min != nil && c <= *q.Min || q.Max != nil && c > *q.Max {
				k.add("stratum-cuts", at(place+".cuts", i), "%g leaves a stratum that no answer to %s falls in", c, q.Name)
			}
		}
		s.Levels = cutLevels(s.Cuts)
	case q.Type == "bool":
		s.Levels = []string{"false", "true"}
	default:
		s.Levels = slices.Clone(q.Levels)
	}
}

func (k *checker) blocks(r *Randomisation) {
	const place = "randomisation.blocks"
	cycles := k.p.Design.Kind == NOf1 && k.p.Design.Cycles > 0
	if r.Method == WithinCycles || cycles {
		k.withinCycles(r, cycles)
		return
	}
	if len(r.Blocks) == 0 {
		k.add("missing-field", place, "blocks is missing").WithHint("sizes of the blocks, as in [4, 6]")
		return
	}
	sum, kinds := 0, 0
	for _, a := range (Checked{k.checked}).Assignments() {
		sum += a.Ratio
		kinds++
	}
	for i, b := range r.Blocks {
		if slices.Contains(r.Blocks[:i], b) {
			k.add("block-twice", at(place, i), "the size %d stands here twice", b).WithHint("each size is drawn with the same chance; name it once")
		}
		if sum > 0 && b%sum != 0 && !k.misshapen("arms") && !k.misshapen("design.sequences") {
			k.add("block-size", at(place, i), "a block of %d cannot hold the ratio, whose parts add up to %d", b, sum).
				WithHint("take multiples of %d, as %d and %d", sum, 2*sum, 3*sum)
		}
	}
	if len(r.Blocks) == 1 {
		k.warn("block-one-size", place, "all blocks have one size, so who counts along can tell the end of each").WithHint("give two or three sizes")
	}
	if smallest := slices.Min(r.Blocks); smallest == kinds && kinds == sum {
		k.warn("block-small", place, "in a block of %d the last place is known from the others", smallest).WithHint("let the smallest block hold each arm twice")
	}
	k.slots(r)
	if largest := slices.Max(r.Blocks); len(k.cells) > 1 && k.p.Design.Participants < len(k.cells)*largest && !k.misshapen("design.participants") {
		k.warn("strata-many", "randomisation.strata", "%d participants in %d cells are fewer than one block of %d each, so many blocks stay unfilled and the arms may not balance",
			k.p.Design.Participants, len(k.cells), largest)
	}
}

// slots checks that the list is long enough.
func (k *checker) slots(r *Randomisation) {
	if k.misshapen("design.participants") {
		return
	}
	if slots := len(k.cells) * r.SlotsPerCell; slots < k.p.Design.Participants {
		k.add("slots-few", "randomisation.slots_per_cell", "%d cells of %d slots hold %d people, and %d are to be randomised",
			len(k.cells), r.SlotsPerCell, slots, k.p.Design.Participants)
	} else if share := (k.p.Design.Participants + len(k.cells) - 1) / len(k.cells); r.SlotsPerCell < 2*share && r.SlotsPerCell < k.p.Design.Participants {
		k.warn("slots-tight", "randomisation.slots_per_cell", "%d slots a cell are less than twice an even share of %d, and a cell that runs out refuses people",
			r.SlotsPerCell, share)
	}
}
